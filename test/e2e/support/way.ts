import { readFile } from 'node:fs/promises';
import type { CDPSession, Download, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { isPicked, readPicked, type SaveWay } from './saving.ts';
import { type Overheard, Screen } from './screen.ts';

/** A file as it was saved: its name as suggested, and its bytes. */
export interface SavedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * The way through the page as a person goes it, by roles and names. Whatever the page calls things
 * stands here, and in `screen.ts`, rather than in the tests.
 */
export class Way extends Screen {
  readonly #saves: SaveWay;
  #protocol: CDPSession | null = null;

  constructor(page: Page, url: string, heard: Overheard, saves: SaveWay) {
    super(page, url, heard);
    this.#saves = saves;
  }

  // Files.

  /** Waits until the page takes files. */
  async ready(): Promise<void> {
    await this.badge().waitFor();
    await expect.poll(() => this.button(/^Choose (more )?files$/).isEnabled()).toBe(true);
  }

  /** Drops files from the disk in the middle of the window. */
  async drop(...files: readonly string[]): Promise<void> {
    this.#protocol ??= await this.context.newCDPSession(this.page);
    const { width, height } = this.page.viewportSize() ?? { width: 1280, height: 720 };
    const data = { items: [], files: [...files], dragOperationsMask: 1 };
    const at = { x: Math.round(width / 2), y: Math.round(height / 2), data };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await this.#protocol.send('Input.dispatchDragEvent', { type, ...at });
    }
  }

  /** Chooses files by a button that opens the system's picker. */
  async choose(button: Locator, ...files: readonly string[]): Promise<void> {
    const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), button.click()]);
    await chooser.setFiles([...files]);
  }

  async remove(name: string): Promise<void> {
    await this.button(`Remove ${name}`).click();
  }

  async demo(): Promise<void> {
    await this.button('Try the demo file').click();
    await this.card('claims.csv').waitFor();
  }

  card(name: string): Locator {
    return this.page
      .getByRole('listitem')
      .filter({ has: this.page.getByRole('heading', { name, exact: true }) });
  }

  /** Ticks a box in the card of one file. */
  async tickIn(file: string, name: string | RegExp): Promise<void> {
    const box = this.page.getByRole('checkbox', { name });
    await this.card(file).locator('label').filter({ has: box }).click();
  }

  async set(name: string, what: 'Product' | 'Encoding' | 'Delimiter', to: string): Promise<void> {
    await this.card(name).getByLabel(what, { exact: true }).selectOption(to);
  }

  /** What was found out about a file, as it stands in the list. */
  async found(name: string, what: 'Encoding' | 'Delimiter'): Promise<string> {
    const list = this.card(name).getByLabel(what, { exact: true });
    return list.evaluate((select) => (select as HTMLSelectElement).selectedOptions[0]?.text ?? '');
  }

  async safeHarbor(year: number): Promise<void> {
    await this.tick(/^Safe Harbor/);
    await this.page.getByLabel('Reference year').fill(String(year));
  }

  // Review.

  async toReview(): Promise<void> {
    await this.button('Review the columns').click();
  }

  /** The list of what may happen to a column. */
  decision(header: string): Locator {
    return this.page.getByLabel(`What happens to ${header}`, { exact: true });
  }

  async keep(header: string): Promise<void> {
    await this.button(`Keep ${header}`).click();
  }

  /** Keeps a column that looks like an identifier. */
  async keepConfirmed(header: string): Promise<void> {
    await this.keep(header);
    await this.tick(/^I confirm that/);
    await this.button('Keep this column').click();
  }

  async leaveOut(header: string): Promise<void> {
    await this.button(`Leave out ${header}`).click();
  }

  async take(header: string, column: string): Promise<void> {
    await this.decision(header).selectOption(`map:${column}`);
  }

  async approve(): Promise<void> {
    await this.approval().click();
  }

  approval(): Locator {
    return this.button('These decisions are right');
  }

  async saveDecisions(): Promise<SavedFile> {
    return this.#save(this.button('Save decisions'));
  }

  async loadDecisions(file: string): Promise<void> {
    await this.choose(this.button('Load decisions'), file);
  }

  /** Another file of the queue. */
  async turnTo(name: string): Promise<void> {
    await this.page.getByLabel('Files of the queue').getByRole('button', { name }).click();
  }

  // Key.

  async giveKey(file: string): Promise<void> {
    await this.choose(this.button('Choose key file'), file);
  }

  async pasteKey(text: string): Promise<void> {
    await this.keyField().fill(text);
    await this.button('Use this key').click();
  }

  keyField(): Locator {
    return this.page.getByLabel('Or paste the key');
  }

  fastEngine(): Locator {
    return this.page.getByRole('checkbox', { name: /^Fast engine/ });
  }

  async useDemoKey(): Promise<void> {
    await this.button('Use the demo key').click();
  }

  async generateKey(): Promise<SavedFile> {
    return this.#save(this.button('Generate a key'));
  }

  goesOn(): Locator {
    return this.button('Go on with this key');
  }

  // Run.

  async goOn(): Promise<void> {
    await this.goesOn().click();
  }

  async tokenize(): Promise<void> {
    await this.startButton().click();
  }

  startButton(): Locator {
    return this.button(/^Tokenize( \d+ files)?$/);
  }

  cancelButton(name: string): Locator {
    return this.button(`Cancel ${name}`);
  }

  // Result.

  /** Waits for a result. */
  async done(): Promise<void> {
    await this.mapButton().waitFor();
  }

  async saveTokenized(): Promise<SavedFile> {
    return this.#save(this.button('Save tokenized file'));
  }

  async saveMap(): Promise<SavedFile> {
    return this.#save(this.mapButton());
  }

  mapButton(): Locator {
    return this.button('Save local map');
  }

  /** Saves by the picker, and leaves the file where it is. Gives its name there. */
  async pickTokenized(): Promise<string> {
    return this.#pick(this.button('Save tokenized file'));
  }

  /** The same with the map. */
  async pickMap(): Promise<string> {
    return this.#pick(this.mapButton());
  }

  async haveMap(): Promise<void> {
    await this.button('I have the map').click();
  }

  async saveReport(): Promise<SavedFile> {
    return this.#save(this.button('Save report (JSON)'));
  }

  async clearEverything(): Promise<void> {
    await this.button('Clear everything').click();
    await this.dialog().getByRole('button', { name: 'Clear', exact: true }).click();
    await this.button('Choose files').waitFor();
  }

  // Upload.

  async toUpload(): Promise<void> {
    await this.button('Go on to the upload').click();
  }

  tokenField(): Locator {
    return this.page.getByLabel('Upload token');
  }

  async upload(token: string): Promise<void> {
    await this.tokenField().fill(token);
    await this.button('Upload').click();
  }

  /** Waits for the receipt. */
  async uploaded(): Promise<Locator> {
    const receipt = this.alerts().filter({ hasText: 'Uploaded' });
    await receipt.waitFor();
    return receipt;
  }

  uploadCommand(): Locator {
    return this.alerts().getByText(/^velora-vault upload/);
  }

  // Restore.

  async toRestore(): Promise<void> {
    await this.page.getByRole('tab', { name: 'Restore' }).click();
  }

  async restore(file: string, map: string): Promise<void> {
    await this.choose(this.button('Choose file with tokens'), file);
    await this.choose(this.button('Choose local map'), map);
    await this.button('Restore originals').click();
  }

  async saveRestored(): Promise<SavedFile> {
    return this.#save(this.button('Save restored file'));
  }

  // The whole way.

  /** From a file on the disk to where its run can be started; nothing in it is to be decided. */
  async toRun(file: string, key: string): Promise<void> {
    await this.drop(file);
    await this.toReview();
    await this.approve();
    await this.giveKey(key);
    await this.goOn();
    await this.startButton().waitFor();
  }

  /** The same as far as its result. */
  async through(file: string, key: string): Promise<void> {
    await this.toRun(file, key);
    await this.tokenize();
    await this.done();
  }

  /** Presses a button that saves a file, and waits until it is there. */
  async #save(button: Locator): Promise<SavedFile> {
    if (this.#saves === 'download') {
      const [download] = await Promise.all([this.page.waitForEvent('download'), button.click()]);
      return downloaded(download);
    }
    const name = await this.#pick(button);
    return { name, bytes: await readPicked(this.page, name) };
  }

  /** Presses a button that opens the picker, and waits until the file is written and closed. */
  async #pick(button: Locator): Promise<string> {
    const before = await this.page.evaluate(() => window.pickedNames?.length ?? 0);
    await button.click();
    const pickedName = (): Promise<string | undefined> =>
      this.page.evaluate((i) => window.pickedNames?.[i], before);
    await expect.poll(pickedName).toBeDefined();
    const name = (await pickedName()) ?? '';
    await expect.poll(() => isPicked(this.page, name)).toBe(true);
    return name;
  }
}

async function downloaded(download: Download): Promise<SavedFile> {
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
