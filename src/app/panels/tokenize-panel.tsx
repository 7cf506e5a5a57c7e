import { useEffect, useRef } from 'react';
import { headingId, StepCard } from '../parts/step-card.tsx';
import { Problem } from '../parts/notice.tsx';
import type { AppState, Step } from '../state/model.ts';
import { isReachable, reachableSteps } from '../state/selectors.ts';
import { isStepDone, stepTitles, summaryOf } from '../words/steps.ts';
import { useApp } from '../use-app.ts';
import { FilesPanel } from './files-panel.tsx';
import { KeyPanel } from './key-panel.tsx';
import { Missing } from './missing.tsx';
import { ResultPanel } from './result-panel.tsx';
import { ReviewPanel } from './review-panel.tsx';
import { RunPanel } from './run-panel.tsx';
import { UploadPanel } from './upload-panel.tsx';

const panels: Readonly<Record<Step, () => React.ReactNode>> = {
  files: FilesPanel,
  review: ReviewPanel,
  key: KeyPanel,
  run: RunPanel,
  result: ResultPanel,
  upload: UploadPanel,
};

/** The first tab: the steps that can be reached, one of them unfolded. */
export function TokenizePanel() {
  const { state, dispatch, vault } = useApp();
  useFocusOnNewStep(state);
  useFocusKept(state);
  if (vault.missing.length > 0) return <Missing features={vault.missing} />;
  if (state.phase === 'broken' && state.problem !== null) {
    return <Problem problem={state.problem} />;
  }
  return reachableSteps(state).map((step, i) => {
    const Panel = panels[step];
    return (
      <StepCard
        key={step}
        step={step}
        number={i + 1}
        title={stepTitles[step]}
        summary={summaryOf(state, step)}
        open={state.step === step}
        done={isStepDone(state, step)}
        onOpen={() => {
          dispatch({ type: 'opened', step });
        }}
      >
        {isReachable(state, step) && <Panel />}
      </StepCard>
    );
  });
}

/** Keyboard and screen reader follow the page to the step that has just unfolded. */
function useFocusOnNewStep({ step, selected }: AppState): void {
  const shown = useRef({ step, selected });
  useEffect(() => {
    const before = shown.current;
    shown.current = { step, selected };
    const replaced = before.selected !== selected && document.activeElement === document.body;
    if (before.step === step && !replaced) return;
    const heading = document.getElementById(headingId(step));
    // The first file was given: the way goes on below it, in the same step.
    if (before.selected === null && before.step === step) return;
    heading?.focus({ preventScroll: true });
    heading?.scrollIntoView({ block: 'start' });
  }, [step, selected]);
}

/** Focus never falls off the page: where its place has gone, it goes to the open step's heading. */
function useFocusKept({ step }: AppState): void {
  const last = useRef<Element | null>(null);
  useEffect(() => {
    const remember = (event: FocusEvent) => {
      last.current = event.target instanceof Element ? event.target : null;
    };
    window.addEventListener('focusin', remember);
    return () => {
      window.removeEventListener('focusin', remember);
    };
  }, []);
  useEffect(() => {
    if (last.current?.isConnected !== false || document.activeElement !== document.body) return;
    last.current = null;
    document.getElementById(headingId(step))?.focus({ preventScroll: true });
  });
}
