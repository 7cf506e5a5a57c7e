import type { Page } from 'playwright-core';

/** Folders of runs in the private file system of a page, and how many locks are held there. */
export interface Leftovers {
  readonly folders: readonly string[];
  readonly locks: number;
}

export const nothing: Leftovers = { folders: [], locks: 0 };

/** What lies in the private file system now. */
export function leftovers(page: Page): Promise<Leftovers> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const ours = await root.getDirectoryHandle('velora-vault', { create: true });
    const folders: string[] = [];
    for await (const [name] of ours.entries()) folders.push(name);
    const { held } = await navigator.locks.query();
    return { folders, locks: held?.length ?? 0 };
  });
}
