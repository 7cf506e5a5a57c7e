import { checkCsvCases } from './csv-cases.ts';
import { checkHeaders } from './headers.ts';
import { checkHealth } from './health.ts';
import { checkHmac } from './hmac.ts';
import { checkRestrictedZip3 } from './restricted-zip3.ts';
import { Tally } from './tally.ts';

/**
 * Everything that is public and not ours.
 * @param folder where `csv-cases.json`, `hmac/`, `headers.tsv`, `restricted_zip3.json` and `health/` lie
 * @param cli the built command line
 * @returns whether all of it passed
 */
export async function runCorpus(folder: string, cli: string): Promise<boolean> {
  const tally = new Tally();
  await checkCsvCases(folder, tally);
  await checkHmac(folder, tally);
  await checkRestrictedZip3(folder, tally);
  await checkHeaders(folder, tally);
  await checkHealth(folder, cli, tally);
  tally.say(`\n${String(tally.passed)} passed, ${String(tally.failed)} failed`);
  return tally.failed === 0;
}
