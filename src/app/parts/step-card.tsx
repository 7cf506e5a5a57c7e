import type { ReactNode } from 'react';
import type { Step } from '../state/model.ts';
import { ChevronIcon, TickIcon } from './icons.tsx';
import { Button } from 'react-aria-components/Button';

interface StepCardProps {
  readonly step: Step;
  readonly number: number;
  readonly title: string;
  /** What is said of it in one line while it is folded. */
  readonly summary: string;
  readonly open: boolean;
  readonly done: boolean;
  readonly onOpen: () => void;
  readonly children: ReactNode;
}

export const headingId = (step: Step): string => `step-${step}`;

/** One step of the way: unfolded, or one line that can be opened again. */
export function StepCard(props: StepCardProps) {
  const { step, number, title, summary, open, done, onOpen, children } = props;
  const sign = (
    <span className="step-number" aria-hidden>
      {done ? <TickIcon /> : number}
    </span>
  );
  return (
    <section
      className={`step ${open ? 'step-open' : 'step-folded'}${done ? ' step-done' : ''}`}
      aria-labelledby={headingId(step)}
    >
      <h2 className="step-heading" id={headingId(step)} tabIndex={-1}>
        {open ? (
          <>
            {sign}
            <span className="step-title">{title}</span>
          </>
        ) : (
          <Button className="step-line" aria-expanded={false} onPress={onOpen}>
            {sign}
            <span className="step-title">{title}</span>
            <span className="visually-hidden">: </span>
            <span className="step-summary">{summary}</span>
            <ChevronIcon />
          </Button>
        )}
      </h2>
      {open && <div className="step-body">{children}</div>}
    </section>
  );
}
