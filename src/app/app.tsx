import { useCallback, useEffect, useRef, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import type { Vault } from '../bridge/contract.ts';
import { ClearButton } from './panels/clear-button.tsx';
import { Missing } from './panels/missing.tsx';
import { RestorePanel } from './panels/restore-panel.tsx';
import { TokenizePanel } from './panels/tokenize-panel.tsx';
import { useRestore } from './panels/use-restore.ts';
import { WallsBadge } from './panels/walls.tsx';
import { Mark } from './parts/icons.tsx';
import { type Controller, createController } from './state/controller.ts';
import { keyFileLimit } from './state/key-file.ts';
import { defaultProduct, initialState } from './state/model.ts';
import { isLeavingCostly, takesFiles } from './state/selectors.ts';
import { createStore, type Store } from './state/store.ts';
import { PageContext, useApp } from './use-app.ts';
import { useLeaveGuard, useWindowDrop } from './use-window.ts';
import './styles/index.css';

interface Made {
  readonly vault: Vault;
  readonly store: Store;
  readonly work: Controller;
}

/** The page: everything that a person sees and does, over whatever does the work. */
export function App({ vault }: { readonly vault: Vault }) {
  const [page] = useState((): Made => {
    const store = createStore(initialState(vault.device.lastProduct() ?? defaultProduct));
    return { vault, store, work: createController(vault, store) };
  });
  const started = useRef(false);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void page.work.start();
  }, [page]);
  return (
    <PageContext value={page}>
      <Page />
    </PageContext>
  );
}

type TabName = 'tokenize' | 'restore';

function Page() {
  const { state, work, vault, store } = useApp();
  const [tab, setTab] = useState<TabName>('tokenize');
  const restore = useRestore();
  const { giveAny } = restore;
  useLeaveGuard(isLeavingCostly(state) || restore.state.phase === 'running');

  const onDrop = useCallback(
    (files: readonly File[]) => {
      const { step, key } = store.get();
      const [first] = files;
      if (tab === 'restore') {
        if (takesFiles(store.get())) giveAny(files);
      } else if (
        step === 'key' &&
        key.held === null &&
        files.length === 1 &&
        first !== undefined &&
        first.size <= keyFileLimit
      ) {
        void work.key.takeFile(first);
      } else work.files.give(files);
    },
    [tab, giveAny, work, store],
  );
  const over = useWindowDrop(onDrop);

  return (
    <Tabs
      className="page"
      selectedKey={tab}
      onSelectionChange={(key) => {
        setTab(key as TabName);
      }}
    >
      <header className="head">
        <div className="brand">
          <Mark />
          <h1>Velora vault tokenizer</h1>
        </div>
        <TabList className="tabs" aria-label="What to do">
          <Tab className="tab" id="tokenize">
            Tokenize
          </Tab>
          <Tab className="tab" id="restore">
            Restore
          </Tab>
        </TabList>
        <WallsBadge />
      </header>
      <main className="main">
        <TabPanel className="panel" id="tokenize">
          <TokenizePanel />
        </TabPanel>
        <TabPanel className="panel" id="restore">
          {vault.missing.length > 0 ? (
            <Missing features={vault.missing} />
          ) : (
            <RestorePanel restore={restore} />
          )}
        </TabPanel>
      </main>
      <footer className="foot">
        <span>
          {state.catalogue === null
            ? 'Velora vault'
            : `Velora vault ${state.catalogue.version}, token specification ${String(state.catalogue.specification)}`}
        </span>
        {vault.missing.length === 0 && <ClearButton onCleared={restore.clear} />}
      </footer>
      {over && (
        <div className="drop-veil" aria-hidden>
          Drop anywhere
        </div>
      )}
      <div className="visually-hidden" role="status" aria-live="polite">
        {/* A new element each time, so that the same words are read out again. */}
        <span key={state.said.count}>{state.said.text}</span>
      </div>
    </Tabs>
  );
}
