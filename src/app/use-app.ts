import { createContext, use, useSyncExternalStore } from 'react';
import type { Vault } from '../bridge/contract.ts';
import type { Action } from './state/actions.ts';
import type { Controller } from './state/controller.ts';
import type { AppState } from './state/model.ts';
import type { Store } from './state/store.ts';

interface Page {
  readonly vault: Vault;
  readonly store: Store;
  readonly work: Controller;
}

export const PageContext = createContext<Page | null>(null);

/** What can be done to the page. Does not follow its state. */
export function usePage(): {
  readonly dispatch: (action: Action) => void;
  readonly work: Controller;
  readonly vault: Vault;
  readonly store: Store;
} {
  const page = use(PageContext);
  if (page === null) throw new Error('a panel outside of the page');
  return { ...page, dispatch: page.store.dispatch };
}

/** The state of the page, and what can be done to it. */
export function useApp(): ReturnType<typeof usePage> & { readonly state: AppState } {
  const page = usePage();
  return { ...page, state: useSyncExternalStore(page.store.subscribe, page.store.get) };
}
