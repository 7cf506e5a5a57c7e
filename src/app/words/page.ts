import type { MissingFeature, PageWalls } from '../../bridge/contract.ts';
import type { RefusedKind } from '../state/model.ts';
import type { Words } from './words.ts';

/** What this browser or this address lacks, and what to do about it. */
export const missingWords: Readonly<Record<MissingFeature, Words>> = {
  insecure: {
    what: 'This page was opened over plain http, where browsers switch WebCrypto off.',
    todo: 'Without WebCrypto no token can be made, so nothing works here. Open the same address with https:// at the front, or serve the page on localhost. If there is no https yet, whoever runs the page can add a certificate; the deployment guide shows how.',
  },
  framed: {
    what: 'This page stands inside a frame of another page.',
    todo: 'A page around it could watch or imitate it, so it does not start. Open its address in a tab of its own.',
  },
  workers: {
    what: 'This browser does not start background workers here.',
    todo: 'Files are read and tokenized in workers. Use a current Chrome, Edge or Firefox; if this is one, an extension or a rule of your organization blocks them.',
  },
  'private-files': {
    what: 'This browser has no private file system here.',
    todo: 'Results are written there as they come, so that large files do not fill the memory. Use a current Chrome or Edge, and no private window.',
  },
  locks: {
    what: 'This browser has no Web Locks.',
    todo: 'They keep one tab from removing the files of another. Use a current Chrome, Edge, Firefox or Safari.',
  },
  crypto: {
    what: 'This browser has no WebCrypto.',
    todo: 'Without it no token can be made. Use a current browser, and open the page with https:// or on localhost.',
  },
};

export const refusedWords: Readonly<Record<RefusedKind, string>> = {
  workbook: 'is a spreadsheet. Open it and save the sheet as “CSV UTF-8”, then drop that file.',
  archive:
    'is an archive. Unpack it and drop the CSV file inside. A single .csv.gz can stay as it is.',
  document: 'is a document, not a table. Export the data as CSV.',
  other: 'has a name that is not expected here. Expected .csv, .txt or .tsv, also as .gz.',
  nothing: 'is empty: it has 0 bytes.',
};

/** What a person takes upon themselves who goes on while walls are open. */
export const openWallsStatement =
  'I have understood that data could leave this page, and go on. The report will say so.';

/** One thing that was tried around the page, and what came of it. */
export interface WallLine {
  readonly name: string;
  readonly holds: boolean;
  /** Whether the walls are open without it; else it is advice. */
  readonly needed: boolean;
  readonly words: string;
  readonly close: string;
}

const meta =
  'The page’s Content-Security-Policy is missing or was changed. Serve index.html exactly as it was built.';

/** What was tried, in a person's words. */
export function wallLines({ page, worker, navigation, windows }: PageWalls): readonly WallLine[] {
  return [
    {
      name: 'Requests from the page',
      holds: page.network,
      words: page.network
        ? 'A request to a foreign address was refused by the browser.'
        : 'A request to a foreign address was not refused by the policy.',
      needed: true,
      close: meta,
    },
    {
      name: 'Requests from the workers',
      holds: worker.network,
      words: worker.network
        ? 'The workers, which see the data, were refused as well.'
        : 'The workers, which see the data, could reach a foreign address.',
      needed: true,
      close: meta,
    },
    {
      name: 'Foreign code',
      holds: page.code && worker.code,
      words:
        page.code && worker.code
          ? 'Text cannot be turned into running code, neither here nor in the workers.'
          : 'Text can be turned into running code.',
      needed: true,
      close: meta,
    },
    {
      name: 'Leaving for another site',
      holds: navigation,
      needed: true,
      words: navigation
        ? 'Attempts to leave for another address are stopped.'
        : 'This browser does not tell when a page is about to be left for another address, so that cannot be stopped.',
      close: 'Use a current Chrome, Edge, Firefox or Safari.',
    },
    {
      name: 'Windows to another site',
      holds: windows,
      needed: false,
      words: windows
        ? 'The server’s headers keep scripts from opening other windows.'
        : 'The server does not send the sandbox header, which keeps scripts from opening other windows. It is a further wall, not one of the tried ones.',
      close: 'Send the headers of the deployment guide with the page.',
    },
  ];
}
