import { Action, PickFile } from '../parts/controls.tsx';
import { Notice } from '../parts/notice.tsx';
import { jsonTypes } from '../state/accept-files.ts';
import { isSettled } from '../state/entry.ts';
import type { FileEntry } from '../state/model.ts';
import { useApp, usePage } from '../use-app.ts';
import { productTitle } from '../words/columns.ts';
import { countOf } from '../words/format.ts';

/** Decisions as a small file: headers and actions, no values. */
export function MappingBar({ entry }: { readonly entry: FileEntry }) {
  const { work } = usePage();
  const none = entry.choices.decisions.length === 0;
  return (
    <div className="actions">
      <PickFile
        label="Load decisions"
        accept={jsonTypes}
        small
        kind="quiet"
        disabled={isSettled(entry)}
        onFiles={([file]) => {
          if (file !== undefined) void work.files.loadMapping(entry.id, file);
        }}
      />
      <Action
        small
        kind="quiet"
        isDisabled={none}
        onPress={() => void work.files.saveMapping(entry.id)}
      >
        Save decisions
      </Action>
    </div>
  );
}

/** Decisions that were made on this device for the same headers before. */
export function MappingOffer({ entry }: { readonly entry: FileEntry }) {
  const { dispatch } = usePage();
  const { id, offered } = entry;
  if (offered === null || isSettled(entry)) return null;
  return (
    <Notice tone="info" title="You decided on these headers before" urgent>
      <p>
        This device remembers {countOf(offered.columns.length, 'decision')} for a file with the same
        headers. A column that looks like an identifier has to be confirmed again.
      </p>
      <div className="actions">
        <Action
          small
          onPress={() => {
            dispatch({ type: 'mappingApplied', id, mapping: offered });
          }}
        >
          Use the same decisions
        </Action>
        <Action
          small
          kind="quiet"
          onPress={() => {
            dispatch({ type: 'offerDeclined', id });
          }}
        >
          Decide anew
        </Action>
      </div>
    </Notice>
  );
}

/** Saved decisions are for one product: they may have changed what the file is for. */
export function ProductChanged({ entry }: { readonly entry: FileEntry }) {
  const { state } = useApp();
  const { productBefore, choices } = entry;
  if (productBefore === null || productBefore === choices.product) return null;
  const title = (slug: string) => productTitle(state.catalogue, slug);
  return (
    <Notice tone="warning" title={`This file is now for ${title(choices.product)}`} urgent>
      <p>
        The saved decisions are for that product. Before, the file was for {title(productBefore)};
        it can be changed back under Files.
      </p>
    </Notice>
  );
}
