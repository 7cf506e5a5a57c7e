import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { placeOf, wordsFor } from '../../../src/app/words/errors.ts';
import type { PlainVaultError, VaultErrorCode } from '../../../src/protocol.ts';

/** An error as it should be told: only what a test is about. */
export type Told = Partial<Omit<PlainVaultError, 'code'>> & { readonly code: VaultErrorCode };

/** What was asked of the network, and what the page wrote to its console. */
export interface Overheard {
  readonly requests: string[];
  readonly console: string[];
}

/** What a person sees and hears of the page, at any step. */
export class Screen {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Address of the page. */
  readonly url: string;
  readonly heard: Overheard;

  constructor(page: Page, url: string, heard: Overheard) {
    this.page = page;
    this.context = page.context();
    this.url = url;
    this.heard = heard;
  }

  /** Comes to the front: a tab behind others is slow. */
  async front(): Promise<this> {
    await this.page.bringToFront();
    return this;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  text(words: string | RegExp): Locator {
    return this.page.getByText(words).first();
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  /** Things that came up and are read out at once. */
  alerts(): Locator {
    return this.page.getByRole('alert');
  }

  /** A step that is folded to one line. */
  foldedStep(name: 'Files' | 'Review' | 'Key' | 'Tokenize' | 'Result' | 'Upload'): Locator {
    return this.heading(new RegExp(`^${name}`)).getByRole('button');
  }

  badge(): Locator {
    return this.button(/^Walls/);
  }

  dialog(): Locator {
    return this.page.getByRole('dialog').or(this.page.getByRole('alertdialog'));
  }

  /** Ticks a box, by its label as a person does. */
  async tick(name: string | RegExp): Promise<void> {
    const box = this.page.getByRole('checkbox', { name });
    await this.page.locator('label').filter({ has: box }).click();
    await expect.poll(() => box.isChecked()).toBe(true);
  }

  /** What is read out from now on, whether anything is seen or not. */
  async listen(): Promise<() => Promise<readonly string[]>> {
    const said = await this.page.getByRole('status').evaluateHandle((region) => {
      const heard: string[] = [];
      new MutationObserver(() => heard.push(region.textContent)).observe(region, {
        childList: true,
        subtree: true,
        characterData: true,
      });
      return heard;
    });
    return () => said.jsonValue();
  }

  /** Everything the page tells anybody: its whole text, fields, memory and console. */
  async everythingSaid(): Promise<string> {
    const inPage = await this.page.evaluate(() => [
      document.documentElement.outerHTML,
      ...Array.from(document.querySelectorAll('input, textarea'), (field) =>
        'value' in field ? String(field.value) : '',
      ),
      JSON.stringify(Object.entries(localStorage)),
      JSON.stringify(Object.entries(sessionStorage)),
      location.href,
    ]);
    return [...inPage, ...this.heard.console].join('\n');
  }

  /**
   * Waits for an error in the words of the page: what, where, what to do.
   * @param about what the test is about just now
   */
  async seesProblem(told: Told, about?: string): Promise<Locator> {
    const { what, todo } = wordsFor({ name: 'VaultError', message: '', ...told });
    const problem = this.alerts().filter({ hasText: what });
    await problem.waitFor();
    const said = await problem.innerText();
    expect(said, about).toContain(todo);
    expect(said, about).toContain(told.code);
    expect(said, about).toContain(placeOf(told));
    if (told.rule !== undefined && told.rule !== told.code)
      expect(said, about).toContain(told.rule);
    return problem;
  }
}
