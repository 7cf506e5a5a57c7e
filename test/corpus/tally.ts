/** Cases that passed and failed, told as they come. */
export class Tally {
  passed = 0;
  failed = 0;

  section(title: string): void {
    this.say(`\n${title}`);
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** Counts a case; tells why where it failed. */
  check(passes: boolean, name: string, why = ''): void {
    if (passes) {
      this.passed += 1;
      return;
    }
    this.failed += 1;
    this.say(`  FAILED ${name}${why === '' ? '' : `: ${why}`}`);
  }

  /** A table with its columns lined up; all but the first are numbers or short words. */
  table(rows: readonly (readonly (string | number)[])[]): void {
    const texts = rows.map((row) => row.map(String));
    const widths = (texts[0] ?? []).map((_, column) =>
      Math.max(...texts.map((row) => row[column]?.length ?? 0)),
    );
    for (const row of texts) {
      const cells = row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      );
      this.say(`  ${cells.join('  ').trimEnd()}`);
    }
  }
}

/** A share in percent, with one decimal. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}
