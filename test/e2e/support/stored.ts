import type { Page } from 'playwright-core';

/** A file in the private file system that this page's runs keep. */
export interface Stored {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Every private file of our runs, with what is in it as it lies there. */
export async function storedFiles(page: Page): Promise<readonly Stored[]> {
  const found = await page.evaluate(async () => {
    const files: { path: string; text: string }[] = [];
    const visit = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, entry] of folder.entries()) {
        if (entry.kind === 'directory') await visit(entry, `${path}/${name}`);
        else {
          const file = await entry.getFile();
          const bytes = new Uint8Array(await file.arrayBuffer());
          let binary = '';
          for (let at = 0; at < bytes.length; at += 32_768) {
            binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
          }
          files.push({ path: `${path}/${name}`, text: btoa(binary) });
        }
      }
    };
    const root = await navigator.storage.getDirectory();
    await visit(await root.getDirectoryHandle('velora-vault', { create: true }), '');
    return files;
  });
  return found.map(({ path, text }) => ({ path, bytes: Buffer.from(text, 'base64') }));
}
