import type { ReactNode } from 'react';
import { DropZone } from 'react-aria-components/DropZone';
import { Text } from 'react-aria-components/Text';

interface DropAreaProps {
  readonly label: string;
  readonly compact?: boolean;
  readonly children: ReactNode;
  readonly onFiles: (files: readonly File[]) => void;
}

/** A place for files: dropped, or pasted with the keyboard. Holds the button that picks them, too. */
export function DropArea({ label, compact = false, children, onFiles }: DropAreaProps) {
  return (
    <DropZone
      className={`drop${compact ? ' drop-compact' : ''}`}
      aria-label={label}
      getDropOperation={() => 'copy'}
      onDrop={({ items }) => {
        const files = items.flatMap((item) => (item.kind === 'file' ? [item.getFile()] : []));
        void Promise.all(files).then(onFiles);
      }}
    >
      <Text slot="label" className="visually-hidden">
        {label}
      </Text>
      {children}
    </DropZone>
  );
}
