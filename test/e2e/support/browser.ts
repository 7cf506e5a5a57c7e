import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../../scripts/find-browser.mjs';

/** A Chromium whose contexts are incognito: their private files lie in memory. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium() ?? 'chromium-not-found',
    args: chromiumArguments,
  });
}

/** A Chromium with a profile on disk, as people have it. Closing it removes the profile. */
export async function launchWithProfile(): Promise<{
  readonly context: BrowserContext;
  /** Where private files end up. */
  readonly profile: string;
  readonly close: () => Promise<void>;
}> {
  const profile = await mkdtemp(join(tmpdir(), 'velora-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium() ?? 'chromium-not-found',
    args: chromiumArguments,
  });
  return {
    context,
    profile,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
