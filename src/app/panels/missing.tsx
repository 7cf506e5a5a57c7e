import type { MissingFeature } from '../../bridge/contract.ts';
import { Notice } from '../parts/notice.tsx';
import { missingWords } from '../words/page.ts';

/** In place of everything else where the browser or the address lacks what a run needs. */
export function Missing({ features }: { readonly features: readonly MissingFeature[] }) {
  return (
    <section className="step step-open" aria-labelledby="missing-title">
      <h2 className="step-heading" id="missing-title">
        <span className="step-title">This page cannot work here</span>
      </h2>
      <div className="step-body">
        {features.map((feature) => (
          <Notice key={feature} tone="error" title={missingWords[feature].what}>
            <p>{missingWords[feature].todo}</p>
          </Notice>
        ))}
        <p className="quiet">
          The command line does the same work without a browser: <code>velora-vault tokenize</code>.
        </p>
      </div>
    </section>
  );
}
