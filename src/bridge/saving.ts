import type { Saved } from './contract.ts';

interface PickerWindow {
  readonly showSaveFilePicker?: (options: {
    readonly suggestedName: string;
    readonly types: readonly {
      readonly description: string;
      readonly accept: Readonly<Record<string, readonly string[]>>;
    }[];
  }) => Promise<FileSystemFileHandle>;
}

/** How long an address of a download is kept: the browser opens it later than it is clicked. */
const downloadMs = 60_000;

/** Whether the browser lets a person pick where a file is written, and tells when it is there. */
export function hasPicker(): boolean {
  return (window as PickerWindow).showSaveFilePicker !== undefined;
}

/**
 * Saves a file where the person says: by the browser's picker, or as a download where it has none.
 * To be called in the person's click, before anything is awaited, or the picker does not open.
 * @param write fills the picked file and closes it
 * @param read the whole file, for a download
 */
export async function save(
  { name, type }: { readonly name: string; readonly type: string },
  write: (target: FileSystemFileHandle) => Promise<void>,
  read: () => Promise<Blob>,
): Promise<Saved> {
  const target = await pick(name, type);
  if (target === 'dismissed') return 'dismissed';
  if (target === null) {
    download(name, await read());
    return 'handed-over';
  }
  await write(target);
  return 'saved';
}

/** Saves text under a name. */
export function saveText(name: string, text: string, type: string): Promise<Saved> {
  const write = async (target: FileSystemFileHandle): Promise<void> => {
    const stream = await target.createWritable();
    await stream.write(text);
    await stream.close();
  };
  return save({ name, type }, write, () => Promise.resolve(new Blob([text], { type })));
}

async function pick(
  name: string,
  type: string,
): Promise<FileSystemFileHandle | 'dismissed' | null> {
  const picker = (window as PickerWindow).showSaveFilePicker;
  if (picker === undefined) return null;
  const ending = /\.[A-Za-z0-9]+$/.exec(name)?.[0] ?? '.txt';
  const types = [{ description: ending.slice(1).toUpperCase(), accept: { [type]: [ending] } }];
  try {
    return await picker.call(window, { suggestedName: name, types });
  } catch (error) {
    // A picker that the browser's policy or an old click forbids is like none.
    return error instanceof DOMException && error.name === 'AbortError' ? 'dismissed' : null;
  }
}

function download(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, downloadMs);
}
