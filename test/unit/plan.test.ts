import { describe, expect, test } from 'vitest';
import { asVaultError, type VaultErrorCode } from '../../src/core/errors.ts';
import {
  assertDecided,
  type ColumnDecision,
  planColumns,
  type PlanOptions,
} from '../../src/core/plan.ts';
import { getProduct } from '../../src/core/schema.ts';

const claims = getProduct('claims_replay');

function codeOf(action: () => unknown): VaultErrorCode | null {
  try {
    action();
    return null;
  } catch (error) {
    return asVaultError(error).code;
  }
}

function plan(header: string[], options: PlanOptions = {}): ReturnType<typeof planColumns> {
  return planColumns(header, claims, options);
}

const decide = (...decisions: ColumnDecision[]): PlanOptions => ({ decisions });

describe('the header row', () => {
  test.each([
    [['alpha', 'beta']],
    [['procedure_code', 'units']],
    [['member_id', '1980-01-02']],
    [['member_id', '219-09-9999']],
    [['member_id', 'a@example.org']],
    [['member_id', ' 12345 ']],
    [['member_id', '(512) 555-0100']],
    [['email', '01/15/80']],
    [['email', '120.00']],
  ])('%j may be data: refused, and accepted when the person says so', (header) => {
    expect(codeOf(() => plan(header))).toBe('header-not-accepted');
    expect(codeOf(() => plan(header, { acceptHeader: true }))).toBeNull();
  });

  test('until it is accepted the message names positions only', () => {
    try {
      plan(['member_id', 'a@example.org']);
      expect.unreachable();
    } catch (error) {
      const known = asVaultError(error);
      expect(JSON.stringify(known.toPlain())).not.toContain('example');
      expect(known.column).toBe(2);
      expect(known.header).toBeUndefined();
    }
  });
});

test('an accepted header that may be a value is repeated in no message', () => {
  for (const header of [
    ['Ann Example', 'x'],
    ['member_id', '219-09-9999'],
  ]) {
    const open = plan(header, { acceptHeader: true, unknown: 'fail' });
    try {
      assertDecided(open);
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(asVaultError(error).toPlain())).not.toMatch(/Ann|219/);
    }
  }
});

describe('what nobody decided', () => {
  test('unknown columns are kept and flagged, dropped, or refused', () => {
    const header = ['member_id', 'risk_band_x'];
    expect(plan(header).columns[1]).toMatchObject({
      action: 'unknown',
      outputHeader: 'risk_band_x',
    });
    expect(plan(header, { unknown: 'drop' }).columns[1]).toMatchObject({ outputHeader: null });
    expect(
      codeOf(() => {
        assertDecided(plan(header, { unknown: 'fail' }));
      }),
    ).toBe('unknown-columns');
  });

  test.each(['keep', 'drop', 'fail'] as const)('--unknown %s never covers a suspect', (unknown) => {
    const undecided = plan(['member_id', 'MemberLastNameX'], { unknown });
    expect(undecided.columns[1]?.suspect).toBeDefined();
    expect(
      codeOf(() => {
        assertDecided(undecided);
      }),
    ).toBe('suspect-undecided');
  });

  test('a decision of its own covers a suspect', () => {
    const header = ['member_id', 'MemberLastNameX'];
    const select = 'MemberLastNameX';
    const mapped = plan(header, decide({ select, action: 'map', column: 'patient_last_name' }));
    expect(mapped.columns[1]).toMatchObject({
      action: 'tokenize',
      prefix: 'NAM',
      outputHeader: 'patient_last_name',
    });
    for (const action of ['keep', 'drop'] as const) {
      const decided = plan(header, decide({ select: '#2', action }));
      assertDecided(decided);
      expect(decided.columns[1]?.outputHeader).toBe(action === 'keep' ? select : null);
    }
  });
});

describe('decisions', () => {
  const header = ['member_id', 'dob', 'zip', 'npi', 'notes', 'units', 'units', '#4'];

  test.each([
    ['keep an identifier', { select: 'member_id', action: 'keep' }],
    ['keep a birth date', { select: 'dob', action: 'keep' }],
    ['keep free text', { select: 'notes', action: 'keep' }],
    ['take an identifier for an age', { select: 'member_id', action: 'map', column: 'age' }],
    [
      'take an identifier for a date',
      { select: 'member_id', action: 'map', column: 'date_of_birth' },
    ],
    [
      'take a birth date for one of death',
      { select: 'dob', action: 'map', column: 'date_of_death' },
    ],
    ['take a ZIP code for a date', { select: 'zip', action: 'map', column: 'date_of_birth' }],
    ['take free text for a name', { select: 'notes', action: 'map', column: 'patient_name' }],
    ['name no column', { select: 'memberid', action: 'drop' }],
    ['name a position past the end', { select: '#9', action: 'drop' }],
    ['name two columns by one text', { select: 'units', action: 'drop' }],
    ['name a text that is a position too', { select: '#4', action: 'drop' }],
    ['map onto an analytics column', { select: '#6', action: 'map', column: 'units' }],
    ['map onto nothing known', { select: '#6', action: 'map', column: 'patient' }],
  ] as const)('refused: %s', (_name, decision) => {
    expect(codeOf(() => plan(header, decide(decision)))).toBe('option-invalid');
  });

  test.each([
    ['take an identifier for another', { select: 'member_id', action: 'map', column: 'mrn' }],
    [
      'take a birth date for a subscriber',
      { select: 'dob', action: 'map', column: 'subscriber_date_of_birth' },
    ],
    ['drop an identifier', { select: 'member_id', action: 'drop' }],
    ['keep an analytics column', { select: '#6', action: 'keep' }],
    ['tokenize an analytics column', { select: '#7', action: 'map', column: 'claim_id' }],
  ] as const)('allowed: %s', (_name, decision) => {
    expect(codeOf(() => plan(header, decide(decision)))).toBeNull();
  });

  test('two decisions on one column contradict each other', () => {
    const twice = decide({ select: '#6', action: 'drop' }, { select: '#6', action: 'keep' });
    expect(codeOf(() => plan(header, twice))).toBe('option-invalid');
  });

  test('a product that relaxes NPIs keeps them, and they may be kept by hand', () => {
    const benchmark = getProduct('provider_benchmark');
    const columns = ['member_id', 'npi'];
    expect(planColumns(columns, benchmark).columns[1]?.action).toBe('keep');
    expect(plan(columns).columns[1]?.action).toBe('tokenize');
    expect(
      codeOf(() => planColumns(columns, benchmark, decide({ select: 'npi', action: 'keep' }))),
    ).toBeNull();
  });
});

test('columns of the same meaning are reported', () => {
  expect(plan(['member_id', 'Mbr ID', 'zip']).repeated).toEqual(['member_id']);
});

test('a file with no column left is refused', () => {
  const all = plan(['member_id'], decide({ select: 'member_id', action: 'drop' }));
  expect(
    codeOf(() => {
      assertDecided(all);
    }),
  ).toBe('no-columns-left');
});

describe('a column that is kept without a confirmation', () => {
  const keep = decide({ select: '#2', action: 'keep', checked: true });

  test('stays under the final check', () => {
    const [, column] = plan(['member_id', 'Shelf'], keep).columns;
    expect(column).toMatchObject({ action: 'keep', decidedBy: 'person' });
    expect(column?.exempt).toBeUndefined();
    expect(
      codeOf(() => {
        assertDecided(plan(['member_id', 'Shelf'], keep));
      }),
    ).toBeNull();
  });

  test('may not look like an identifier', () => {
    expect(codeOf(() => plan(['member_id', 'Mother Name'], keep))).toBe('option-invalid');
  });
});
