import { expect, test } from 'vitest';
import { verifyCsv, type VerifyJob } from '../../src/core/verify.ts';
import { sourceOf, utf8 } from '../support/streams.ts';
import { tokenizeText } from '../support/tokenize.ts';

async function findingsOf(text: string, options: Partial<VerifyJob> = {}): Promise<string[]> {
  const { findings } = await verifyCsv({
    source: sourceOf(utf8(text), 5),
    product: 'claims_replay',
    ...options,
  });
  return findings.map(({ column, row, rule }) => `${String(column)}/${String(row)} ${rule}`);
}

const plain = 'member_id,dob,zip,npi,units\nA,1980-01-02,78701,1234567893,1\n';

test('what was tokenized has no finding; the original has one in each identifier', async () => {
  const { output } = await tokenizeText(plain);
  expect(await findingsOf(output)).toEqual([]);
  expect(await findingsOf(plain)).toEqual(['1/1 token', '2/1 year', '3/1 zip3', '4/1 token']);
});

test('another product is another check: NPIs are kept by provider_benchmark only', async () => {
  const { output } = await tokenizeText(plain, { product: 'provider_benchmark' });
  expect(await findingsOf(output, { product: 'provider_benchmark' })).toEqual([]);
  expect(await findingsOf(output)).toEqual(['4/1 token']);
});

test('a column that must be dropped is a finding', async () => {
  expect(await findingsOf('member_id,notes\n,\n')).toEqual(['2/0 absent']);
});

test('an SSN in an unknown column is a finding, unless the column is kept on purpose', async () => {
  const text = 'member_id,other_code_x\n,219-09-9999\n';
  expect(await findingsOf(text)).toEqual(['2/1 ssn']);
  expect(await findingsOf(text, { keep: ['other_code_x'] })).toEqual([]);
});

test('a receiver looks at columns of the catalogue only', async () => {
  const text = 'member_id,other_code_x,notes\n,219-09-9999,\nA,a@b.example,\n';
  expect(await findingsOf(text, { receiver: true })).toEqual(['3/0 absent', '1/2 token']);
});

test.each(['x;"notes,ssn"', 'a;b;"c,Patient Name"', '"npi\tSSN"', '"d|city"'])(
  'a header that hides columns under another delimiter is refused by a receiver: %s',
  async (header) => {
    const text = `member_id;${header}\n`;
    const refused = { code: 'header-not-accepted', rule: 'header-hidden' };
    await expect(findingsOf(text, { delimiter: ';', receiver: true })).rejects.toMatchObject(
      refused,
    );
  },
);

test('a delimiter alone hides nothing in a header', async () => {
  const text = 'member_id,"Units, billed","a|b"\n';
  expect(await findingsOf(text, { receiver: true })).toEqual([]);
});

test('a source that is no stream is refused without its text', async () => {
  const text = 'member_id\n219-09-9999\n';
  const run = verifyCsv({ source: text as unknown as ReadableStream, product: 'claims_replay' });
  await expect(run).rejects.toMatchObject({ code: 'option-invalid' });
  await expect(run).rejects.not.toThrow('219');
});

test('what is no CSV is refused as everywhere', async () => {
  await expect(findingsOf('member_id,units\n1\n')).rejects.toMatchObject({ code: 'ragged' });
  await expect(findingsOf('a,b\n1,2\n')).rejects.toMatchObject({ code: 'header-not-accepted' });
});
