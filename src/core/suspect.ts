import suspectFile from '../../schemas/suspect.json' with { type: 'json' };
import { comparable } from './aliases.ts';
import { normalizeHeader } from './normalize.ts';
import type { SuspectFile } from './schema-files.ts';

type Lookalike = SuspectFile['whole'][number];

/** Why a header that resolves to nothing may still be an identifier. */
export interface Suspicion {
  readonly suggestions: readonly string[];
  readonly reason: string;
}

const file = suspectFile as SuspectFile;
const whole = suggestions(file.whole);
const pieces = suggestions(file.pieces);
const counters = new Set(file.counters);
const owners = new Map(file.owners.flatMap(({ kind, words }) => words.map((word) => [word, kind])));
const endings = file.endings.map((ending) => ending.split(' '));
const rules = file.rules.map((rule) => ({
  ...rule,
  words: new Set(rule.words),
  with: rule.with && new Set(rule.with),
  unless: new Set(rule.unless ?? []),
}));
const lexicon = new Set([
  ...counters,
  ...owners.keys(),
  ...endings.flat(),
  ...file.fillers,
  ...file.edges,
  ...file.rules.flatMap((rule) => [...rule.words, ...(rule.with ?? []), ...(rule.unless ?? [])]),
]);
const longestWord = Math.max(...[...lexicon].map((word) => word.length));

/**
 * Whether a header that resolves to nothing looks like an identifier, by `docs/headers.md`.
 * A needless question is an annoyance; an identifier waved through is a breach.
 * @param header as it came, for letter case and letters outside ASCII
 * @param normalized its normalized form
 */
export function suspicion(header: string, normalized: string): Suspicion | null {
  if (normalized === '') return { suggestions: [], reason: 'no ASCII letter or digit' };
  if (normalized.length > file.longest) return { suggestions: [], reason: 'too long for a name' };
  const named = whole.get(comparable(normalized));
  if (named) return { suggestions: named, reason: 'a name that says too little' };
  const piece = normalized.split('_').find((part) => pieces.has(part));
  if (piece) return { suggestions: pieces.get(piece) ?? [], reason: `element '${piece}'` };
  const hint = firstRule(headerWords(breakCamelCase(header))) ?? firstRule(headerWords(normalized));
  if (hint) return hint;
  if (/[^\0-\x7F]/.test(header) && /(?![A-Za-z])[\p{L}\p{M}\p{Nl}\u24b6-\u24e9]/u.test(header)) {
    return { suggestions: [], reason: 'a letter outside ASCII' };
  }
  return null;
}

function firstRule(words: readonly string[]): Suspicion | null {
  if (endings.some((ending) => endsWith(words, ending))) return null;
  for (const rule of rules) {
    if (words.some((word) => rule.unless.has(word))) continue;
    if (rule.alone === true && words.length > 1) continue;
    for (const [at, word] of words.entries()) {
      if (!rule.words.has(word)) continue;
      if (rule.with && !words.some((other, i) => i !== at && rule.with?.has(other))) continue;
      const owner = ownerOf(words, at);
      if (rule.owners && !rule.owners.includes(owner)) continue;
      if (rule.notOwners?.includes(owner)) continue;
      return { suggestions: rule.suggest, reason: `word '${word}'` };
    }
  }
  return null;
}

/** The kind of the nearest owner before a word, else of the first after it, else none. */
function ownerOf(words: readonly string[], at: number): string {
  for (let i = at - 1; i >= 0; i -= 1) {
    const kind = owners.get(words[i] ?? '');
    if (kind !== undefined) return kind;
  }
  if (counters.has(words[at] ?? '')) return '';
  for (const word of words.slice(at + 1)) {
    const kind = owners.get(word);
    if (kind !== undefined) return kind;
  }
  return '';
}

function endsWith(words: readonly string[], ending: readonly string[]): boolean {
  const from = words.length - ending.length;
  return from > 0 && ending.every((word, i) => words[from + i] === word);
}

/** Underscores between the parts of a camel-case name; only ASCII letters count. */
function breakCamelCase(header: string): string {
  return normalizeHeader(
    header.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2'),
  );
}

/**
 * The words of a normalized header: its runs of letters, of which those that are no known word
 * are split into known words.
 */
function headerWords(normalized: string): string[] {
  return normalized
    .split(/[^a-z]+/)
    .filter((run) => run !== '')
    .flatMap((run) => (lexicon.has(run) ? [run] : (split(run) ?? fromEdges(run))));
}

/** A run of letters as the fewest known words, the first as long as possible; null if it is none. */
function split(run: string): string[] | null {
  const best: (string[] | null)[] = Array.from({ length: run.length + 1 }, () => null);
  best[run.length] = [];
  for (let at = run.length - 1; at >= 0; at -= 1) {
    for (let length = Math.min(longestWord, run.length - at); length > 1; length -= 1) {
      const rest = best[at + length];
      const word = run.slice(at, at + length);
      if (!rest || !lexicon.has(word)) continue;
      const known = best[at];
      if (!known || rest.length + 1 < known.length) best[at] = [word, ...rest];
    }
  }
  return best[0] ?? null;
}

/** A run of letters, followed by what is known of it: at its ends, and inside if long enough. */
function fromEdges(run: string): string[] {
  const found = file.edges
    .filter((edge) => run.startsWith(edge) || run.endsWith(edge) || insideOf(run, edge))
    .map((edge) => ({ edge, at: run.indexOf(edge) }))
    .sort((a, b) => a.at - b.at || b.edge.length - a.edge.length);
  return [run, ...found.map(({ edge }) => edge)];
}

/** Short words occur by chance inside others (`ssn` in `classname`); six letters hardly do. */
function insideOf(run: string, edge: string): boolean {
  return edge.length >= 6 && run.includes(edge);
}

function suggestions(entries: readonly Lookalike[]): Map<string, readonly string[]> {
  return new Map(
    entries.flatMap(({ words, suggest }) =>
      words.map((word) => [comparable(word), suggest] as const),
    ),
  );
}
