import type { Page } from 'playwright-core';
import type { Attack } from './attacks.ts';

/**
 * Runs an attack as a script of the page does: in a task of its own, since code that a debugger
 * runs may eval under any policy. Resolves when the attack has been refused or is done, or when
 * the page has gone.
 */
export async function attempt(page: Page, attack: Attack, to: string): Promise<void> {
  const run = ({ source, to }: { readonly source: string; readonly to: string }): unknown => {
    const attack = (0, eval)(`(${source})`) as (to: string) => unknown;
    return new Promise<void>((resolve) => {
      setTimeout(() => {
        const done = (): void => {
          resolve();
        };
        Promise.resolve()
          .then(() => attack(to))
          .then(done, done);
      });
    });
  };
  await page.evaluate(run, { source: String(attack), to }).catch(() => undefined);
}

/** Whether one of the attacks with code from text has run. */
export async function ranForeignCode(page: Page): Promise<boolean> {
  return page.evaluate(() => 'ranForeignCode' in globalThis);
}
