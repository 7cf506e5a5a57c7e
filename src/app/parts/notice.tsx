import type { ReactNode } from 'react';
import type { PlainVaultError } from '../../protocol.ts';
import { placeOf, wordsFor } from '../words/errors.ts';
import { InfoIcon, TickIcon, WarningIcon } from './icons.tsx';

type Tone = 'info' | 'good' | 'warning' | 'error';

interface NoticeProps {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
  /** Read out at once; for what came up by itself, not for what was there all the time. */
  readonly urgent?: boolean;
}

/** Something to know: a colour, a sign and words, never a colour alone. */
export function Notice({ tone, title, children, urgent = false }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`} {...(urgent ? { role: 'alert' } : {})}>
      {tone === 'info' ? <InfoIcon /> : tone === 'good' ? <TickIcon /> : <WarningIcon />}
      <div className="notice-body">
        <p className="notice-title">{title}</p>
        {children}
      </div>
    </div>
  );
}

interface ProblemProps {
  readonly problem: PlainVaultError;
  /** Whose problem it is, where several files are on the screen. */
  readonly subject?: string;
  readonly children?: ReactNode;
}

/** An error in a person's words: what, where, what to do, and the rule for whoever is asked. */
export function Problem({ problem, subject, children }: ProblemProps) {
  const { what, todo } = wordsFor(problem);
  const place = placeOf(problem);
  return (
    <Notice tone="error" title={subject === undefined ? what : `${subject}: ${what}`} urgent>
      {place !== '' && <p className="problem-place">{place}</p>}
      <p>{todo}</p>
      {children !== undefined && children !== false && <div className="actions">{children}</div>}
      <p className="problem-rule">
        {problem.code}
        {problem.rule === undefined || problem.rule === problem.code ? '' : ` · ${problem.rule}`}
      </p>
    </Notice>
  );
}
