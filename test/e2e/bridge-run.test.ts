import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, inject } from 'vitest';
import { servePage } from '../../scripts/serve-page.mjs';
import { launchWithProfile } from './support/browser.ts';
import { leftovers, nothing } from './support/private-files.ts';
import { test as base } from './support/test.ts';

const folder = inject('barePage');
const sample = (name: string): string => readFileSync(`samples/${name}`, 'utf8');

const test = base.extend<{ page: Page }>({
  page: async ({ open }, use) => {
    const { page } = await open({ folder });
    await page.evaluate(() => window.vault.start());
    await use(page);
  },
});

describe('a run', () => {
  test('gives what the reference gives, is saved by the picker, and leaves nothing', async ({
    page,
  }) => {
    const result = await page.evaluate(async () => {
      // Instead of the picker, which only a person can use: files of a folder for tests.
      const storage = await navigator.storage.getDirectory();
      const disk = await storage.getDirectoryHandle('picked', { create: true });
      Object.defineProperty(window, 'showSaveFilePicker', {
        value: ({ suggestedName }: { suggestedName: string }) =>
          disk.getFileHandle(suggestedName, { create: true }),
      });
      const textOf = async (name: string): Promise<string> =>
        (await (await disk.getFileHandle(name)).getFile()).text();
      const run = await window.runDemo();
      const how = [await run.saveTokenized('tokenized.csv'), await run.saveMap('map.json')];
      await run.discard();
      return {
        how,
        tokenized: await textOf('tokenized.csv'),
        map: await textOf('map.json'),
        neutralName: run.neutralName,
        walls: run.walls,
        sha256: run.report.output.sha256,
      };
    });
    expect(result.tokenized).toBe(sample('claims.tokenized.csv'));
    expect(result.map).toBe(sample('claims.map.json'));
    expect(result.how).toEqual(['saved', 'saved']);
    expect(result.neutralName).toBe(`claims_replay-${result.sha256.slice(0, 8)}.csv`);
    expect(result.walls).toEqual({ code: true, network: true });
    expect(await leftovers(page)).toEqual(nothing);
  });

  test('is saved as downloads, where there is no picker', async ({ page }) => {
    const names: string[] = [];
    page.on('download', (download) => names.push(download.suggestedFilename()));
    const how = await page.evaluate(async () => {
      Object.defineProperty(window, 'showSaveFilePicker', { value: undefined });
      const run = await window.runDemo();
      return [await run.saveTokenized('tokenized.csv'), await run.saveMap('map.json')];
    });
    expect(how).toEqual(['handed-over', 'handed-over']);
    await expect.poll(() => names).toEqual(['tokenized.csv', 'map.json']);
  });

  test('is not saved when the picker is closed', async ({ page }) => {
    const how = await page.evaluate(async () => {
      Object.defineProperty(window, 'showSaveFilePicker', {
        value: () => Promise.reject(new DOMException('', 'AbortError')),
      });
      return (await window.runDemo()).saveMap('map.json');
    });
    expect(how).toBe('dismissed');
  });

  test('works with the network off, once the page is loaded', async ({ page }) => {
    const request = await page.evaluateHandle(() => window.demoRequest());
    await page.context().setOffline(true);
    const rows = await page.evaluate(
      async (request) => (await window.vault.run(request).result).report.rows,
      request,
    );
    expect(rows).toBe(1000);
  });

  test('that is cancelled half-way rejects with its code, and leaves nothing', async ({ page }) => {
    const code = await page.evaluate(async () => {
      const rows = 'A1,B2,1980-01-02\n'.repeat(100_000);
      const file = new File(['member_id,group_id,dob\n', ...Array<string>(50).fill(rows)], 'x.csv');
      const { choices, ...request } = await window.demoRequest({ file });
      return new Promise<unknown>((resolve) => {
        const run = window.vault.run({
          ...request,
          choices: { ...choices, decisions: [] },
          onProgress: () => {
            run.cancel();
          },
        });
        run.result.then(resolve, (error: unknown) => {
          resolve((error as { code: string }).code);
        });
      });
    });
    expect(code).toBe('cancelled');
    expect(await leftovers(page)).toEqual(nothing);
  });

  test('with bad input tells what and where, and leaves nothing', async ({ page }) => {
    const error = await page.evaluate(async () => {
      const file = new File(['member_id,dob\nZebra-SSN-1\n'], 'x.csv');
      const { choices, ...request } = await window.demoRequest({ file });
      const run = window.vault.run({ ...request, choices: { ...choices, decisions: [] } });
      return run.result.then(
        () => null,
        (error: unknown) => ({ ...(error as object), message: (error as Error).message }),
      );
    });
    expect(error).toMatchObject({ code: 'ragged', line: 2 });
    expect(JSON.stringify(error)).not.toContain('Zebra');
    expect(await leftovers(page)).toEqual(nothing);
  });

  test('is refused its key where the walls are open, unless the person goes on', async ({
    open,
  }) => {
    const { page } = await open({
      folder,
      rewrite: (html) => html.replace(/<meta\s+http-equiv[^>]*>/, ''),
    });
    const results = await page.evaluate(async () => {
      const told: unknown[] = [];
      for (const openWallsAcknowledged of [false, true]) {
        const request = await window.demoRequest({ openWallsAcknowledged });
        const ended = window.vault.run(request).result.then(
          ({ walls }) => walls,
          (error: unknown) => (error as { code: string }).code,
        );
        told.push(await ended);
      }
      return told;
    });
    expect(results).toEqual(['walls-open', { code: false, network: false }]);
  });
});

test('a dead preview worker is told, and replaced for the next call', async ({ page }) => {
  const preview = (): Promise<unknown> =>
    page.evaluate(async () => {
      const { file, choices } = await window.demoRequest();
      return window.vault.preview(file, choices).then(
        ({ columns }) => columns.length,
        (error: unknown) => (error as { code: string }).code,
      );
    });
  expect(await preview()).toBe(26);
  const worker = page.workers()[0];
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new Error('a fault of the worker');
    });
  });
  expect(await preview()).toBe('worker-ended');
  expect(await preview()).toBe(26);
});

test('what a dead tab left is removed by the next one; what a living one holds is not', async () => {
  const { context, close } = await launchWithProfile();
  const site = await servePage({ folder, port: 0 });
  const openTab = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(site.url);
    await page.evaluate(() => window.vault.start());
    return page;
  };
  const living = await openTab();
  const dying = await openTab();
  for (const tab of [living, dying]) {
    await tab.evaluate(async () => (await window.runDemo()).report.rows);
  }
  expect(await leftovers(living)).toMatchObject({ locks: 2 });
  await dying.close();
  const next = await openTab();
  const left = await leftovers(next);
  expect(left.locks).toBe(1);
  expect(left.folders).toHaveLength(1);
  await next.evaluate(() => window.vault.clearEverything());
  expect(await leftovers(next)).toEqual(left);
  await living.evaluate(() => window.vault.clearEverything());
  expect(await leftovers(next)).toEqual(nothing);
  await close();
  await site.close();
});
