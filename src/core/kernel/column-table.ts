import { countedOutcomes, notedOutcomes, rowNumbersKept, type SegmentCounts } from '../counts.ts';
import type { Transform } from '../engine.ts';
import { restrictedZip3Prefixes } from '../generalize.ts';
import type { Treatment } from '../treatment.ts';
import type { ColumnRule, Finding, ValidationResult } from '../validate.ts';
import type { KernelExports } from './exports.ts';
import { reach } from './layout.ts';

/** Sizes, offsets and the order of outcomes are those of `assembly/columns.ts`. */
const columnLength = 112;
const stepLength = 16;
const countsAt = 32;
const findingsAt = 60;

const notesLength = 4 * rowNumbersKept * notedOutcomes.length;

const uses = ['keep', 'drop', 'tokenize', 'year', 'zip3', 'age90'] as const;
const rules = ['exempt', 'token', 'year', 'zip3', 'age90', 'plain'] as const;
/** By the numbers that the kernel's check gives. */
const findingRules: readonly (Finding['rule'] | undefined)[] = [
  undefined,
  'token',
  'year',
  'zip3',
  'age90',
  undefined,
  'ssn',
  'email',
];

const encoder = new TextEncoder();

/** What the kernel knows of the columns, and counts in them. */
export class ColumnTable {
  readonly #treatments: readonly Treatment[];
  /** Of each column, its column of the output, from 1; 0 where it is dropped. */
  readonly #outputColumns: readonly number[];
  readonly #written: number;
  readonly #at: number;
  readonly #kernel: KernelExports;
  /** Where noted rows lie, for columns that are changed. */
  readonly #notes: readonly number[];
  /** First free address. */
  readonly end: number;
  /** Bytes of the longest `<canonical column>:`. */
  readonly longestHead: number;

  /** Writes the table at `from`, and tells the kernel. */
  constructor(kernel: KernelExports, from: number, transform: Transform) {
    const { treatments } = transform;
    const heads = treatments.map((treatment) =>
      encoder.encode(treatment.kind === 'tokenize' ? `${treatment.column}:` : ''),
    );
    const steps = stepsOf(treatments);
    this.#kernel = kernel;
    this.#treatments = treatments;
    this.#written = transform.rules.length;
    this.#outputColumns = numbered(treatments);
    this.longestHead = heads.reduce((longest, { length }) => Math.max(longest, length), 0);

    let at = Math.ceil(from / 64) * 64;
    const region = (length: number): number => {
      const start = at;
      at += Math.ceil(length / 16) * 16;
      return start;
    };
    this.#at = region(columnLength * treatments.length);
    const stepsAt = region(stepLength * steps.length);
    const headsAt = heads.map(({ length }) => region(length + 16));
    this.#notes = treatments.map(({ kind }) =>
      kind === 'keep' || kind === 'drop' ? 0 : region(notesLength),
    );
    this.end = at;
    reach(kernel.memory, at);

    const bytes = new Uint8Array(kernel.memory.buffer);
    const view = new DataView(kernel.memory.buffer);
    const canonical = [...new Set(treatments.map(columnOf))];
    treatments.forEach((treatment, i) => {
      const words = [
        uses.indexOf(treatment.kind),
        treatment.kind === 'tokenize' ? wordOf(`${treatment.prefix}_`) : 0,
        canonical.indexOf(columnOf(treatment)),
        headsAt[i] as number,
        (heads[i] as Uint8Array).length,
        optionOf(treatment),
        this.#notes[i] as number,
        ruleNumber(transform.rules[(this.#outputColumns[i] as number) - 1]),
      ];
      words.forEach((word, k) => {
        view.setUint32(this.#at + columnLength * i + 4 * k, word, true);
      });
      bytes.set(heads[i] as Uint8Array, headsAt[i]);
    });
    steps.forEach(({ use, first, last }, i) => {
      const words = [use, first, last, this.#at + columnLength * last];
      words.forEach((word, k) => {
        view.setUint32(stepsAt + stepLength * i + 4 * k, word, true);
      });
    });
    const bitmap = kernel.restrictedZip3Bitmap();
    for (const prefix of restrictedZip3Prefixes) {
      const number = Number(prefix);
      bytes[bitmap + (number >> 3)] = (bytes[bitmap + (number >> 3)] ?? 0) | (1 << (number & 7));
    }
    kernel.setColumns(this.#at, treatments.length, stepsAt, steps.length);
  }

  /** What the last scan has counted. */
  counts(): SegmentCounts {
    const words = new Uint32Array(this.#kernel.memory.buffer);
    const outcomes = countedOutcomes.length;
    const tallies = new Uint32Array(outcomes * this.#treatments.length);
    const notes: number[] = [];
    this.#notes.forEach((notesAt, column) => {
      if (notesAt === 0) return;
      const at = (this.#at + columnLength * column + countsAt) >> 2;
      const counted = words.subarray(at, at + outcomes);
      tallies.set(counted, outcomes * column);
      notedOutcomes.forEach((outcome, k) => {
        const list = (notesAt >> 2) + rowNumbersKept * k;
        const count = Math.min(rowNumbersKept, counted[countedOutcomes.indexOf(outcome)] as number);
        for (const row of words.subarray(list, list + count)) notes.push(column, k, row);
      });
    });
    return { tallies, notes: Uint32Array.from(notes) };
  }

  /** What the last check has found. @param list where it has put the findings */
  findings(list: number): ValidationResult {
    const words = new Uint32Array(this.#kernel.memory.buffer);
    const counts = Array.from({ length: this.#written }, () => 0);
    this.#outputColumns.forEach((column, i) => {
      if (column === 0) return;
      counts[column - 1] = words[(this.#at + columnLength * i + findingsAt) >> 2] as number;
    });
    const findings = Array.from({ length: this.#kernel.findingsKept() }, (_, i): Finding => {
      const at = (list >>> 2) + 3 * i;
      const rule = findingRules[words[at + 2] as number];
      if (rule === undefined) throw new TypeError('a finding without a rule');
      return {
        column: this.#outputColumns[words[at] as number] as number,
        row: words[at + 1] as number,
        rule,
      };
    });
    return { rows: this.#kernel.checkedRecords(), findings, counts };
  }
}

/** Kept columns at a stretch are one step, and so are dropped ones. */
function stepsOf(treatments: readonly Treatment[]): { use: number; first: number; last: number }[] {
  const steps: { use: number; first: number; last: number }[] = [];
  treatments.forEach(({ kind }, i) => {
    const use = uses.indexOf(kind);
    const before = steps.at(-1);
    const joins = (kind === 'keep' || kind === 'drop') && before?.use === use;
    if (joins) before.last = i;
    else steps.push({ use, first: i, last: i });
  });
  return steps;
}

function numbered(treatments: readonly Treatment[]): number[] {
  let next = 0;
  return treatments.map(({ kind }) => (kind === 'drop' ? 0 : (next += 1)));
}

const columnOf = (treatment: Treatment): string =>
  treatment.kind === 'tokenize' ? treatment.column : '';

function optionOf(treatment: Treatment): number {
  if (treatment.kind === 'year') return treatment.earliest ?? 0;
  if (treatment.kind !== 'zip3') return 0;
  return (treatment.acceptThreeDigits ? 1 : 0) | (treatment.safeHarbor ? 2 : 0);
}

/** Four ASCII characters as a little-endian word. */
function wordOf(text: string): number {
  return new DataView(encoder.encode(text).buffer).getUint32(0, true);
}

function ruleNumber(rule: ColumnRule | undefined): number {
  if (rule === undefined) return 0;
  const number = rules.findIndex((kind) => kind === rule.kind);
  if (number < 0) throw new TypeError('a rule that no written column can have');
  return number;
}
