import type { BrowserContext, Page } from 'playwright-core';

declare global {
  interface Window {
    /** Names that were suggested to the picker, in order. */
    pickedNames?: string[];
  }
}

/** How a browser lets a person save a file: `dismissed` is a picker that is always closed again. */
export type SaveWay = 'picker' | 'download' | 'dismissed';

/** The folder of the private file system that stands for a person's disk. */
const disk = 'disk-of-the-test';

/** Gives every page of a context one way of saving. */
export async function saveBy(context: BrowserContext, way: SaveWay): Promise<void> {
  if (way === 'download') {
    await context.addInitScript(() => {
      delete (window as { showSaveFilePicker?: unknown }).showSaveFilePicker;
    });
    return;
  }
  // Instead of the picker, which only a person can use.
  await context.addInitScript(
    ({ disk, dismissed }) => {
      Object.defineProperty(window, 'showSaveFilePicker', {
        value: async ({ suggestedName }: { suggestedName: string }) => {
          if (dismissed) throw new DOMException('closed', 'AbortError');
          (window.pickedNames ??= []).push(suggestedName);
          const root = await navigator.storage.getDirectory();
          const folder = await root.getDirectoryHandle(disk, { create: true });
          return folder.getFileHandle(suggestedName, { create: true });
        },
      });
    },
    { disk, dismissed: way === 'dismissed' },
  );
}

/** Whether a file was saved by the picker. What is picked is empty until its writer closes it. */
export function isPicked(page: Page, name: string): Promise<boolean> {
  return page.evaluate(
    async ({ disk, name }) => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle(disk, { create: true });
      const handle = await folder.getFileHandle(name, { create: true });
      return (await handle.getFile()).size > 0;
    },
    { disk, name },
  );
}

/** A file that was saved by the picker. */
export async function readPicked(page: Page, name: string): Promise<Buffer> {
  const text = await page.evaluate(
    async ({ disk, name }) => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle(disk);
      const file = await (await folder.getFileHandle(name)).getFile();
      const bytes = new Uint8Array(await file.arrayBuffer());
      let binary = '';
      for (let at = 0; at < bytes.length; at += 32_768) {
        binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
      }
      return btoa(binary);
    },
    { disk, name },
  );
  return Buffer.from(text, 'base64');
}

/** SHA-256 of a file that was saved by the picker, for those that are large. */
export function digestPicked(page: Page, name: string): Promise<string> {
  return page.evaluate(
    async ({ disk, name }) => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle(disk);
      const file = await (await folder.getFileHandle(name)).getFile();
      const digest = new Uint8Array(
        await crypto.subtle.digest('SHA-256', await file.arrayBuffer()),
      );
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    },
    { disk, name },
  );
}
