import { ProgressBar } from 'react-aria-components/ProgressBar';

interface ProgressProps {
  readonly label: string;
  readonly done: number;
  readonly total: number;
}

/** How far something is. What it says beside the bar is for the panel to say. */
export function Progress({ label, done, total }: ProgressProps) {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  return (
    <ProgressBar className="progress" aria-label={label} value={Math.round(share * 1000) / 10}>
      <svg className="progress-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden>
        <rect className="progress-ground" width="1000" height="10" />
        <rect className="progress-done" width={Math.round(share * 1000)} height="10" />
      </svg>
      <span className="progress-share" aria-hidden>{`${String(Math.floor(share * 100))} %`}</span>
    </ProgressBar>
  );
}
