import { readRun } from '../../src/core/csv/read.ts';
import { asVaultError } from '../../src/core/errors.ts';
import { type DialectOptions, inspectHead } from '../../src/core/inspect.ts';
import { splitIntoSegments, transcoded } from '../../src/core/stages.ts';

export interface Table {
  readonly rows: readonly (readonly string[])[];
  /** The refusal's code, where the file was refused. */
  readonly refused?: string;
}

/** All records of a small file, the header first, as a run reads them: inspected, split, decoded. */
export async function readTable(input: Uint8Array, options: DialectOptions = {}): Promise<Table> {
  const rows: string[][] = [];
  const source = async function* () {
    // Cut in pieces that nothing in the file lines up with.
    for (let at = 0; at < input.length; at += 7)
      yield await Promise.resolve(input.slice(at, at + 7));
  };
  try {
    const inspection = inspectHead(input, true, options);
    const { delimiter, header } = inspection;
    for await (const segment of splitIntoSegments(transcoded(source(), inspection), delimiter)) {
      for (const run of segment.runs) {
        rows.push(...readRun(segment, run, delimiter, header.length).records);
      }
    }
    return { rows };
  } catch (error) {
    return { rows: [], refused: asVaultError(error).code };
  }
}
