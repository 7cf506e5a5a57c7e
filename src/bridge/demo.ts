import { VaultError } from '../core/errors.ts';

/** The demo claims file, from beside the page. Rejects with `input-unreadable`. */
export async function demoFile(): Promise<File> {
  const body = await (await demoPart('claims.csv')).blob();
  return new File([body], 'claims.csv', { type: 'text/csv' });
}

/** The published demo secret, from beside the page. Rejects with `input-unreadable`. */
export async function demoSecret(): Promise<string> {
  return (await (await demoPart('demo.key')).text()).trim();
}

async function demoPart(name: string): Promise<Response> {
  let answer: Response | undefined;
  try {
    answer = await fetch(new URL(`demo/${name}`, document.baseURI), { redirect: 'error' });
  } catch {
    // Told like an answer that is none.
  }
  if (answer?.ok === true) return answer;
  throw new VaultError(
    'input-unreadable',
    'the demo file could not be loaded: it comes from the server of this page, which does not answer',
  );
}
