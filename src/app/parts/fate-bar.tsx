import { type Fate, fates } from '../state/columns.ts';
import { fateWords } from '../words/columns.ts';
import { countOf } from '../words/format.ts';

/** How many columns meet which fate, at a glance: a stacked bar, and the same in words. */
export function FateBar({ counts }: { readonly counts: Readonly<Record<Fate, number>> }) {
  const total = fates.reduce((sum, fate) => sum + counts[fate], 0);
  const present = fates.filter((fate) => counts[fate] > 0);
  const width = 1000;
  const gap = 6;
  const room = width - gap * Math.max(0, present.length - 1);
  const parts = present.map((fate, i) => {
    const before = present.slice(0, i).reduce((sum, other) => sum + counts[other], 0);
    return {
      fate,
      x: (before / total) * room + i * gap,
      width: (counts[fate] / total) * room,
    };
  });
  const words = present.map((fate) => `${String(counts[fate])} ${fateWords[fate].toLowerCase()}`);
  return (
    <figure className="fates">
      <svg
        className="fates-bar"
        viewBox={`0 0 ${String(width)} 28`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Of ${countOf(total, 'column')}: ${words.join(', ')}`}
      >
        {parts.map(({ fate, x, width: size }) => (
          <rect key={fate} className={`fate-${fate}`} x={x} width={size} height="28" />
        ))}
      </svg>
      <figcaption>
        <ul className="fates-legend">
          {fates.map((fate) => (
            <li key={fate} className={counts[fate] === 0 ? 'fates-none' : undefined}>
              <svg className="fates-swatch" viewBox="0 0 12 12" aria-hidden>
                <rect className={`fate-${fate}`} width="12" height="12" rx="3" />
              </svg>
              <span className="fates-count">{counts[fate]}</span> {fateWords[fate].toLowerCase()}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}
