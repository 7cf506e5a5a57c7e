import type { SavedState } from '../state/model.ts';
import { TickIcon } from './icons.tsx';

/** Whether a file is safe. A tick only where that is known, not where the browser downloads. */
export function SavedMark({ how }: { readonly how: SavedState }) {
  if (how === 'unsaved') return null;
  if (how === 'handed-over') return <span className="quiet">downloading</span>;
  return (
    <span className="saved">
      <TickIcon /> saved
    </span>
  );
}
