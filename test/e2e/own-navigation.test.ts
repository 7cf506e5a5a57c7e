import { expect, inject } from 'vitest';
import { test } from './support/test.ts';

const folder = inject('barePage');

test('the page may still reload, and hand over a file of its own', async ({ open }) => {
  const { page } = await open({ folder });
  await page.reload();
  await page.evaluate(() => {
    // A browser without a picker.
    Object.defineProperty(window, 'showSaveFilePicker', { value: undefined });
  });
  const [download, saved] = await Promise.all([
    page.waitForEvent('download'),
    page.evaluate(() => window.vault.saveText('report.json', '{"rows": 1}\n', 'application/json')),
  ]);
  expect(saved).toBe('handed-over');
  expect(download.suggestedFilename()).toBe('report.json');
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe('{"rows": 1}\n');
});
