import type { FileChoices } from '../../protocol.ts';
import type { Settings } from './actions.ts';
import type { FileEntry } from './model.ts';

/**
 * A file that was just given, before anything is known of it.
 * @param year the reference year of Safe Harbor until another is set
 */
export function newEntry(
  id: number,
  file: File,
  demo: boolean,
  product: string,
  year: number,
): FileEntry {
  return {
    id,
    file,
    demo,
    choices: {
      product,
      decisions: [],
      acceptHeader: false,
      allowTokens: false,
      safeHarbor: false,
      referenceYear: year,
    },
    confirmed: [],
    unconfirmed: [],
    found: [],
    revision: 1,
    shown: null,
    problem: null,
    objection: null,
    carried: null,
    offered: null,
    expectedFingerprint: null,
    productBefore: null,
    reviewed: false,
    run: { phase: 'waiting' },
    upload: { phase: 'idle' },
  };
}

/** Whether the file is being run or has a result: then nothing said of it changes any more. */
export const isSettled = ({ run }: FileEntry): boolean =>
  run.phase === 'running' || run.phase === 'done';

/** The entry with other choices: its preview is asked for again, and so is the person's yes. */
export function choose(entry: FileEntry, choices: FileChoices): FileEntry {
  return {
    ...entry,
    choices,
    revision: entry.revision + 1,
    problem: null,
    objection: null,
    reviewed: false,
    run: { phase: 'waiting' },
  };
}

/** Choices with other settings; `null` takes encoding or delimiter out, so that it is found again. */
export function withSettings(choices: FileChoices, settings: Settings): FileChoices {
  const { encoding: oldEncoding, delimiter: oldDelimiter, ...rest } = choices;
  const encoding = settings.encoding === undefined ? oldEncoding : settings.encoding;
  const delimiter = settings.delimiter === undefined ? oldDelimiter : settings.delimiter;
  return {
    ...rest,
    ...(encoding === null || encoding === undefined ? {} : { encoding }),
    ...(delimiter === null || delimiter === undefined ? {} : { delimiter }),
    product: settings.product ?? rest.product,
    safeHarbor: settings.safeHarbor ?? rest.safeHarbor,
    ...(settings.referenceYear === undefined ? {} : { referenceYear: settings.referenceYear }),
  };
}

/**
 * Puts the decisions aside because the file is about to be read in another way. They come back
 * when the same headers do: positions mean nothing under others.
 */
export function setDecisionsAside(entry: FileEntry): FileEntry {
  const headersDigest = entry.shown?.preview.headersDigest;
  const carried =
    headersDigest === undefined || entry.shown?.preview.headerQuestion !== null
      ? entry.carried
      : { headersDigest, decisions: entry.choices.decisions, confirmed: entry.confirmed };
  return {
    ...entry,
    carried,
    confirmed: [],
    unconfirmed: [],
    offered: null,
    choices: { ...entry.choices, decisions: [] },
  };
}
