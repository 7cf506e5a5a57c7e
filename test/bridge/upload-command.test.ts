import { describe, expect, test } from 'vitest';
import type { UploadCommandRequest } from '../../src/bridge/contract.ts';
import { uploadCommand } from '../../src/bridge/upload-command.ts';
import type { FileChoices } from '../../src/protocol.ts';
import { tokenizeText } from '../support/tokenize.ts';

const target = { product: 'claims_replay', origin: 'https://api.velora.health', idempotent: false };
const start =
  'velora-vault upload --product claims_replay --url https://api.velora.health --token-env VELORA_UPLOAD_TOKEN ';

async function runOf(
  csv: string,
  choices: Partial<Pick<FileChoices, 'decisions' | 'acceptHeader'>> = {},
): Promise<UploadCommandRequest['run']> {
  const { report } = await tokenizeText(csv, choices);
  return { report, neutralName: 'claims_replay-0a1b2c3d.csv' };
}

test.each([
  ['claims_replay-0a1b2c3d.csv', 'claims_replay-0a1b2c3d.csv'],
  ['my claims.csv', `'my claims.csv'`],
  [`Zoë's $(rm -rf) "x".csv`, `'Zoë'\\''s $(rm -rf) "x".csv'`],
  ['-rf.csv', './-rf.csv'],
  ['a\nb.csv', `'a\nb.csv'`],
])('the file %j is one word of the command, and no option', async (neutralName, word) => {
  const run = { ...(await runOf('member_id\nM1\n')), neutralName };
  expect(uploadCommand({ ...target, run })).toBe(start + word);
});

describe('the command says of the file what the person has decided:', () => {
  const name = 'claims_replay-0a1b2c3d.csv';

  test('columns that are kept whatever they hold, by their position in the output', async () => {
    const run = await runOf('Notes,member_id,Flavour,Risk Band,Colour\nx,M1,mint,low,red\n', {
      decisions: [
        { select: '#3', action: 'keep' },
        { select: '#4', action: 'keep', checked: true },
        { select: '#5', action: 'keep' },
      ],
    });
    expect(uploadCommand({ ...target, run })).toBe(`${start}--keep '#2' --keep '#4' ${name}`);
  });

  test('a header that was accepted', async () => {
    const run = await runOf('1980-02-03,member_id\nx,M1\n', { acceptHeader: true });
    expect(uploadCommand({ ...target, run })).toBe(`${start}--accept-header ${name}`);
  });

  test('a header of which nothing that is known leaves', async () => {
    const run = await runOf('member_id,Flavour\nM1,mint\n', {
      decisions: [{ select: '#1', action: 'drop' }],
    });
    expect(uploadCommand({ ...target, run })).toBe(`${start}--accept-header ${name}`);
  });

  test('and that the receiver knows its key', async () => {
    const run = await runOf('member_id\nM1\n');
    const command = uploadCommand({ ...target, idempotent: true, run });
    expect(command).toBe(`${start}--idempotency-key ${name}`);
  });
});
