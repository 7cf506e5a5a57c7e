import type { BrowserContext, Page } from 'playwright-core';

/**
 * Code that runs first in every worker of a page, nested ones too: it stops a run where a test wants
 * to look at it, or ends a worker badly. Workers start from the page's own text in a `Blob`, so the
 * prelude is put before that text.
 */

/** What a worker says in the error that ends it: a value that must be told to nobody. */
export const lastWords = 'Zebra-SSN-900-12-3456';

const channel = 'prelude-of-the-test';

/** In a worker: no token is made before the page says so. Dies when it is told its name. */
const gate = `{
  const channel = new BroadcastChannel('${channel}');
  let open;
  const opened = new Promise((resolve) => { open = resolve; });
  channel.onmessage = ({ data }) => {
    if (data === 'open') open();
    if (data === 'die ' + self.name) throw new Error('${lastWords}');
  };
  const { sign } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.sign = async function (...given) {
    channel.postMessage('at the gate ' + self.name);
    await opened;
    return sign.apply(this, given);
  };
}`;

/** In a page or a worker: puts itself and the code before the text of each worker it starts. */
const install = String.raw`(function install(code) {
  const first = '(' + install + ')(' + JSON.stringify(code) + ');' + code + ';\n';
  globalThis.Blob = class extends Blob {
    constructor(parts, options) {
      super(options?.type === 'text/javascript' ? [first, ...parts] : parts, options);
    }
  };
})`;

const listen = `{
  const channel = new BroadcastChannel('${channel}');
  globalThis.gate = { waiting: new Set(), isOpen: false, tell: (words) => channel.postMessage(words) };
  channel.onmessage = ({ data }) => {
    if (!data.startsWith('at the gate ')) return;
    gate.waiting.add(data.slice(12));
    if (gate.isOpen) channel.postMessage('open');
  };
}`;

interface GatedWindow {
  readonly gate: {
    readonly waiting: Set<string>;
    isOpen: boolean;
    readonly tell: (words: string) => void;
  };
}

/** Puts a gate into the workers of a context, before its pages are opened. */
export async function gated(context: BrowserContext): Promise<void> {
  await context.addInitScript({ content: `${install}(${JSON.stringify(gate)});${listen}` });
}

/** Names of the workers that have come to the gate: then a run is half-way. */
export function atTheGate(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => [...(window as unknown as GatedWindow).gate.waiting]);
}

/** Lets the workers of this page through, also those to come; of another tab those waiting now. */
export async function openGate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { gate } = window as unknown as GatedWindow;
    gate.isOpen = true;
    gate.tell('open');
  });
}

/** Ends a worker by an error that nobody catches. */
export async function dieIn(page: Page, name: string): Promise<void> {
  await page.evaluate((name) => {
    (window as unknown as GatedWindow).gate.tell(`die ${name}`);
  }, name);
}
