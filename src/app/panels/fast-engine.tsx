import { Check } from '../parts/controls.tsx';
import { Fingerprint } from '../parts/copy.tsx';
import { Notice } from '../parts/notice.tsx';
import { isRunning } from '../state/selectors.ts';
import { useApp } from '../use-app.ts';
import { fastEngineWords } from '../words/engines.ts';

/** How the key will be held: the choice comes before the key. */
export function FastEngine() {
  const { state, dispatch } = useApp();
  const { fast, again, busy } = state.key;
  return (
    <>
      <Check
        isSelected={fast}
        isDisabled={busy || isRunning(state)}
        hint={fastEngineWords.hint}
        onChange={(yes) => {
          dispatch({ type: 'fastChosen', yes });
        }}
      >
        {fastEngineWords.label}
      </Check>
      {again !== null && (
        <Notice tone="info" title={fastEngineWords.againTitle} urgent>
          <p>
            The key <Fingerprint value={again} /> {fastEngineWords.again}
          </p>
        </Notice>
      )}
    </>
  );
}
