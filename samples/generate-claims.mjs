/**
 * Synthetic claims, the same bytes for the same options on every platform.
 *
 *   node samples/generate-claims.mjs --rows 1000 --seed 1 [--hard] [--columns N] [--distinct SHARE] > claims.csv
 *
 * Nothing here comes from a person. Names, streets and plans are invented, and identifiers lie where
 * no real one can: SSNs in areas 900–999 with a group below 50 (never issued, nor an ITIN), NPIs that
 * begin with 9, telephone numbers 555-01xx, e-mail addresses at example.com and example.org (RFC 2606).
 *
 * All arithmetic is on integers or exact in IEEE 754, and there is no clock and no Math.random, so
 * that a file made here equals one made anywhere. A longer file begins with the shorter one.
 */
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * @typedef {object} ClaimsOptions
 * @property {number} [rows] Data rows, 1000 by default.
 * @property {number} [seed] A whole number; 1 by default.
 * @property {boolean} [hard] Mix in the hard cases, real-life headers, a free-text and an unknown column.
 * @property {number} [columns] How many of the ten tokenized columns the file has; all by default.
 * @property {number} [distinct] Instead of the natural repetition: the share of tokenized cells, in
 *   (0, 1], whose value is new in its column.
 */

/** @typedef {{ name: string, spelling: string, tokenized?: boolean, hardOnly?: boolean }} Column */

/** @type {readonly Column[]} */
export const LAYOUT = [
  { name: 'claim_id', spelling: 'Claim ID', tokenized: true },
  { name: 'member_id', spelling: 'Member ID#', tokenized: true },
  { name: 'subscriber_id', spelling: 'Subscriber ID', tokenized: true },
  { name: 'patient_first_name', spelling: 'Patient First Name', tokenized: true },
  { name: 'patient_last_name', spelling: 'Patient Last Name', tokenized: true },
  { name: 'date_of_birth', spelling: 'Pt DOB' },
  { name: 'gender', spelling: 'Gender' },
  { name: 'ssn', spelling: 'SSN', tokenized: true },
  { name: 'phone', spelling: 'Phone Number', tokenized: true },
  { name: 'email', spelling: 'E-mail Address', tokenized: true },
  { name: 'address_line_1', spelling: 'Address Line 1', tokenized: true },
  { name: 'state', spelling: 'State' },
  { name: 'zip', spelling: 'Zip Code' },
  { name: 'plan', spelling: 'Plan Name' },
  { name: 'service_date', spelling: 'Service Date' },
  { name: 'place_of_service', spelling: 'Place of Service' },
  { name: 'procedure_code', spelling: 'Procedure Code' },
  { name: 'procedure_modifier', spelling: 'Modifier' },
  { name: 'diagnosis_code', spelling: 'Diagnosis Code' },
  { name: 'rendering_npi', spelling: 'Rendering NPI', tokenized: true },
  { name: 'units', spelling: 'Units' },
  { name: 'billed_amount', spelling: 'Billed Amount' },
  { name: 'allowed_amount', spelling: 'Allowed Amount' },
  { name: 'paid_amount', spelling: 'Paid Amount' },
  { name: 'notes', spelling: 'Notes', hardOnly: true },
  { name: 'risk_band', spelling: 'Risk Band', hardOnly: true },
];

/** @type {Readonly<Record<string, number>>} */
const AT = Object.fromEntries(LAYOUT.map((column, index) => [column.name, index]));

// Invented, and short: real files repeat names far more than identifiers.
const FIRST = (
  'Abrin Aldora Belmi Bravon Calora Cendry Corvil Dalise Demrin Dovana Elbin Elmora Fabrin Felda ' +
  'Galvin Gemora Halbin Helvina Ilmar Isadra Jalven Jorima Kelbin Kivara Lambrin Lorvina Malvik ' +
  'Merida Navrin Nelora Olbrin Orvina Pelgrin Parsila Quenby Quilla Ralvin Rumida Selbrin Sorvina ' +
  'Talvin Tamora Ulbrin Umbria Valdrin Velmora Wilbren Zorina'
).split(' ');
const STEM = (
  'Ash Bram Cald Dorn Elver Farn Gild Hazel Ivor Jarn Kest Lind Mark Nor Oak Pell Quarn Rav Stell ' +
  'Thorn Ulm Vel Wend Yarr'
).split(' ');
const ENDING =
  'bury croft dale feld gate ham ington kin low mere ner over quist rick stow wick'.split(' ');
const STREET = (
  'Sample Mockingbird Placeholder Example Testwood Demo Fixture Specimen Pattern Trial Mockup ' +
  'Dummy Proforma Model Template Facsimile'
).split(' ');
const STREET_TYPE = ['St', 'Ave', 'Lane', 'Road', 'Court', 'Way', 'Drive', 'Place'];

/** State and the first three digits of a ZIP code in it; several begin with a zero. */
const PLACES = (
  'MA021 MA018 NJ070 NJ088 CT061 RI029 NH031 ME041 VT056 PR009 NY100 NY112 PA191 PA152 MD212 VA232 ' +
  'NC276 GA303 FL331 FL328 OH441 OH432 MI482 IL606 IL605 MN554 MO631 TX752 TX770 CO802 AZ850 CA900 ' +
  'CA941 OR972 WA981'
).split(' ');
const PLANS = [
  'Veridian HMO Silver',
  'Veridian PPO Gold',
  'Northfold EPO Bronze',
  'Harborline POS Choice',
  'Quarry Mutual HDHP',
];
const PLACE_OF_SERVICE = ['11', '11', '11', '22', '23', '21', '12', '81'];
// HCPCS Level II, which is in the public domain.
const PROCEDURES = (
  'G0438 G0439 G0463 G0402 G2211 G0008 G0009 G0101 G0121 J1885 J3420 J0696 J2405 J7050 A0428 A0425 ' +
  'E0601 E0114 Q2038 P9603 S9083 T1015 C1713 L3908 V2020 A4253'
).split(' ');
const MODIFIERS = ['', '', '', '', '', 'LT', 'RT', 'GT', 'KX', 'GA'];
const DIAGNOSES = (
  'E11.9 I10 J06.9 M54.50 Z00.00 E78.5 F41.1 K21.9 N39.0 R05.9 J45.909 M25.561 Z23 H52.4 L30.9 ' +
  'G43.909 I25.10 R10.9 E03.9 S93.401A'
).split(' ');
const LINES_PER_CLAIM = [1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 6];
const RISK_BANDS = ['low', 'low', 'rising', 'high'];

/** Share of claims whose member is new: 400,000 rows hold about 373,000 distinct identifier values. */
const NEW_MEMBER_SHARE = 0.393;
const PROVIDERS = 4000;

/** Households of 1, 2, 1 and 4 members, over and over: member → household and place in it. */
const HOUSEHOLD_OFFSET = [0, 1, 1, 2, 3, 3, 3, 3];
const HOUSEHOLD_PLACE = [1, 1, 2, 1, 1, 2, 3, 4];

const DAYS_2024 = daysOf2024();

/** @returns {string[]} */
function daysOf2024() {
  /** @type {string[]} */
  const days = [];
  const lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  lengths.forEach((length, month) => {
    for (let day = 1; day <= length; day++) days.push(`2024-${pad(month + 1, 2)}-${pad(day, 2)}`);
  });
  return days;
}

/** @type {(value: number, width: number) => string} */
function pad(value, width) {
  return String(value).padStart(width, '0');
}

/**
 * A 32-bit mix (the finalizer of MurmurHash3): what a member, household or row is like follows from
 * its number alone, so that nothing has to be remembered.
 * @type {(seed: number, kind: number, index: number) => number}
 */
function mix(seed, kind, index) {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(kind + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ index, 0x2c1b3c6d);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * mulberry32: small, fast and the same everywhere.
 * @param {number} seed
 * @returns {() => number} Numbers in [0, 1).
 */
function random(seed) {
  let state = mix(seed, 99, 0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @type {<T>(list: readonly T[], hash: number) => T} */
function pick(list, hash) {
  return list[hash % list.length];
}

/**
 * Spread consecutive numbers over a range without ever giving one twice: `factor` and `size` are
 * coprime. Products stay below 2^53.
 * @type {(index: number, size: number, factor: number) => number}
 */
function scatter(index, size, factor) {
  return (((index + 1000) % size) * factor) % size;
}

/** Area 900–999, group 01–49. @type {(index: number) => string} */
function ssnOf(index) {
  const n = scatter(index, 49_000_000, 10_000_019);
  const area = 900 + (n % 100);
  const group = 1 + (Math.floor(n / 100) % 49);
  return `${area}-${pad(group, 2)}-${pad(Math.floor(n / 4900), 4)}`;
}

/** 555-01xx of 800 area codes; then other spellings, then extensions. @type {(index: number) => string} */
function phoneOf(index) {
  const n = scatter(index, 80_000, 7919);
  const area = 200 + (n % 800);
  const line = `01${pad(Math.floor(n / 800), 2)}`;
  const round = Math.floor(index / 80_000);
  const extension = round < 4 ? '' : ` x${Math.floor(round / 4)}`;
  switch (round % 4) {
    case 0:
      return `${area}-555-${line}${extension}`;
    case 1:
      return `(${area}) 555-${line}${extension}`;
    case 2:
      return `${area}555${line}${extension}`;
    default:
      return `${area}.555.${line}${extension}`;
  }
}

/** @type {(index: number) => string} */
function addressOf(index) {
  const n = scatter(index, 1_279_872, 790_021); // 9999 numbers × 16 streets × 8 types
  const street = `${STREET[n % 16]} ${STREET_TYPE[Math.floor(n / 16) % 8]}`;
  const round = Math.floor(index / 1_279_872);
  return `${1 + Math.floor(n / 128)} ${street}${round === 0 ? '' : ` Unit ${round}`}`;
}

/** Ten digits of which the first is 9: no NPI begins so. @type {(index: number) => string} */
function npiOf(index) {
  return `9${pad(scatter(index, 1_000_000_000, 7_654_321), 9)}`;
}

/** Letters for a number: 0 → "a", 26 → "ba". @type {(index: number) => string} */
function letters(index) {
  let text = '';
  do {
    text = String.fromCharCode(97 + (index % 26)) + text;
    index = Math.floor(index / 26);
  } while (index > 0);
  return text;
}

/** @type {(hash: number) => string} */
function birthDate(hash) {
  const year = 1934 + (hash % 90);
  const day = Math.floor(hash / 90) % 336;
  return `${year}-${pad(1 + Math.floor(day / 28), 2)}-${pad(1 + (day % 28), 2)}`;
}

/** @type {(cents: number) => string} */
function money(cents) {
  return `${Math.floor(cents / 100)}.${pad(cents % 100, 2)}`;
}

/**
 * Everything about a member, from its number. With `distinct`, no two members share any value.
 * @param {number} seed
 * @param {number} member
 * @param {boolean} distinct
 */
function memberOf(seed, member, distinct) {
  const household = distinct ? member : Math.floor(member / 8) * 4 + HOUSEHOLD_OFFSET[member % 8];
  const place = distinct ? 1 : HOUSEHOLD_PLACE[member % 8];
  const hash = mix(seed, 1, member);
  const home = mix(seed, 2, household);
  const suffix = distinct ? `-${letters(member)}` : '';
  const first = FIRST[hash % 48] + suffix;
  const last = STEM[home % 24] + ENDING[Math.floor(home / 24) % 16] + suffix;
  const where = pick(PLACES, Math.floor(home / 384));
  const subscriber = `SYN${pad(scatter(household, 100_000_000, 7_654_321), 8)}`;
  return {
    hash,
    home,
    subscriber,
    id: `${subscriber}-${pad(place, 2)}`,
    first,
    last,
    birth: birthDate(mix(seed, 3, member)),
    gender: hash & 0x10000 ? 'F' : 'M',
    ssn: ssnOf(member),
    phone: phoneOf(household),
    email: `${first}.${last}${member}@example.${hash & 0x20000 ? 'com' : 'org'}`.toLowerCase(),
    address: addressOf(household),
    state: where.slice(0, 2),
    zip: where.slice(2) + pad(Math.floor(home / 13440) % 100, 2),
    plan: pick(PLANS, Math.floor(home / 7)),
  };
}

/**
 * The columns that a file with these options has, in order.
 * @param {ClaimsOptions} [options]
 * @returns {Column[]}
 */
export function claimsColumns({ hard = false, columns = 10 } = {}) {
  let left = columns;
  return LAYOUT.filter((column) => (column.tokenized ? left-- > 0 : hard || !column.hardOnly));
}

/**
 * The header and then the data rows, each an array of decoded cells (nothing is quoted here).
 * @param {ClaimsOptions} [options]
 * @returns {Generator<string[], void, undefined>}
 */
export function* claimsRows(options = {}) {
  const { rows = 1000, seed = 1, hard = false, distinct } = check(options);
  const present = claimsColumns(options);
  const all = present.length === LAYOUT.length - (hard ? 0 : 2);
  const indexes = present.map((column) => AT[column.name]);
  yield present.map((column) => (hard ? column.spelling : column.name));

  const next = random(seed);
  let members = 0;
  let claims = 0;
  let row = 0;
  while (row < rows) {
    // The first claims and a fixed share of the others bring a new member; the rest go to members
    // seen before, the early ones more often: some members have a great many claims.
    const unique = distinct !== undefined;
    const isNew = unique
      ? members < Math.ceil((row + 1) * distinct)
      : members < 8 || next() < NEW_MEMBER_SHARE;
    const u = next();
    const number = isNew ? members++ : Math.floor((unique ? u : u * u) * members);
    const member = memberOf(seed, number, unique);
    const claim = unique ? number : claims;
    claims++;
    const v = next();
    const provider = unique ? number : Math.floor(v * v * PROVIDERS);
    const lines = unique ? 1 : pick(LINES_PER_CLAIM, Math.floor(next() * 12));
    const claimId = `C2024-${pad(claim, 9)}`;
    const npi = npiOf(provider);
    const date = DAYS_2024[Math.floor(next() * 366)];
    const place = PLACE_OF_SERVICE[Math.floor(next() * 8)];
    const diagnosis = DIAGNOSES[Math.floor(next() * 20)];
    for (let line = 0; line < lines && row < rows; line++, row++) {
      const a = next();
      const billed = 2500 + Math.floor(a * a * 240_000);
      const allowed = Math.floor(billed * (0.375 + next() / 2));
      const paid = Math.floor(allowed * (0.5 + next() / 2));
      const cells = [
        claimId,
        member.id,
        member.subscriber,
        member.first,
        member.last,
        member.birth,
        member.gender,
        member.ssn,
        member.phone,
        member.email,
        member.address,
        member.state,
        member.zip,
        member.plan,
        date,
        place,
        PROCEDURES[Math.floor(next() * 26)],
        MODIFIERS[Math.floor(next() * 10)],
        diagnosis,
        npi,
        String(1 + Math.floor(next() * 4)),
        money(billed),
        money(allowed),
        money(paid),
      ];
      if (hard) harden(cells, member, seed, row, number);
      yield all ? cells : indexes.map((index) => cells[index]);
    }
  }
}

/** @type {(options: ClaimsOptions) => ClaimsOptions} */
function check(options) {
  const { rows = 1000, seed = 1, columns = 10, distinct } = options;
  if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError('rows: a whole number, please');
  if (!Number.isSafeInteger(seed)) throw new RangeError('seed: a whole number, please');
  if (!Number.isInteger(columns) || columns < 0 || columns > 10) {
    throw new RangeError('columns: the file has 0 to 10 tokenized columns');
  }
  if (distinct !== undefined && !(distinct > 0 && distinct <= 1)) {
    throw new RangeError('distinct: a share above 0 and not above 1, please');
  }
  return options;
}

const HARD_NAMES = [
  ["Sh'rina", "O'Samplewell"],
  ['Nöelle-Märta', 'Exämple'],
  ['Zoe\u0308', 'Mu\u0308ster'], // e and u with a combining diaeresis: not the same bytes as ë, ü
  ['Zoë', 'Müster'],
  ['Žofie', 'Příkladová'],
  ['Þóra', 'Dæmi'],
  ['测试', '样例'],
  ['テスト', '見本'],
  ['견본', '시험'],
  ['\u{20BB7}子', '例田'], // beyond the 16-bit plane: two units in UTF-16, four bytes in UTF-8
  ['Alma "Lia"', 'Specimen'],
  ['Corvin', 'Testford, Jr.'],
];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const LONG_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
/** No form of a date that can be read with certainty: each becomes empty. */
const UNREADABLE_DATES = ['unknown', '03/15/67', '00/00/0000', '1974-13-02', '15.8.', 'see chart'];
const HARD_NOTES = [
  'Called back.\nLeft a message with the front desk.',
  'Resubmitted,\r\nsee the "corrected claim" flag.',
  'Coordination of benefits, other payer first',
  'Member says: ""no""',
];

/**
 * Make one row hard. What belongs to the member stays the same in all of its rows, so that joins still
 * work; only blanks around an identifier and unreadable dates come and go, as they do in real files.
 * @param {string[]} cells
 * @param {ReturnType<typeof memberOf>} member
 * @param {number} seed
 * @param {number} row
 * @param {number} number
 */
function harden(cells, member, seed, row, number) {
  const { hash, home } = member;
  const dice = mix(seed, 5, row);
  const [year, month, day] = member.birth.split('-');

  if (hash % 4 === 0) {
    [cells[AT.patient_first_name], cells[AT.patient_last_name]] = pick(HARD_NAMES, number);
    cells[AT.email] = `member${number}@example.org`;
  }
  if (hash % 9 === 1) cells[AT.email] = '';
  if (hash % 11 === 2) cells[AT.ssn] = '';
  if (home % 13 === 3) cells[AT.phone] = '';

  const [house, ...street] = member.address.split(' ');
  const road = street.join(' ');
  const unit = 1 + (home % 40);
  cells[AT.address_line_1] = [
    member.address,
    `${house} ${road}, Apt ${unit}`,
    `${house} ${road}\nFloor ${unit}`,
    `${house} ${road}\r\nc/o "The Sample House"`,
    `${house} ${road} #${unit}`,
    member.address.toUpperCase(),
    member.address,
    member.address,
  ][Math.floor(home / 64) % 8];

  cells[AT.date_of_birth] = [
    member.birth,
    `${month}/${day}/${year}`,
    `${Number(month)}/${Number(day)}/${year}`,
    `${year}${month}${day}`,
    `${day}-${MONTHS[Number(month) - 1]}-${year}`,
    `${LONG_MONTHS[Number(month) - 1]} ${Number(day)}, ${year}`,
    `${member.birth}T00:00:00Z`,
    `${month}-${day}-${year} 12:00:00 AM`,
  ][Math.floor(hash / 16) % 8];
  if (dice % 50 === 0) cells[AT.date_of_birth] = pick(UNREADABLE_DATES, Math.floor(dice / 50));
  if (dice % 97 === 1) cells[AT.date_of_birth] = '';

  const { zip } = member;
  const plus4 = pad(1000 + (home % 9000), 4);
  const stripped = zip.replace(/^0+/, '');
  cells[AT.zip] = [
    zip,
    stripped,
    `${zip}-${plus4}`,
    stripped,
    `${stripped}-${plus4}`,
    `${stripped}.0`,
  ][Math.floor(home / 8) % 6];
  if (dice % 83 === 2) cells[AT.zip] = pick(['UNK', '', 'Postfach 12'], Math.floor(dice / 83));

  cells[AT.plan] = [
    member.plan,
    member.plan,
    `${member.plan}, "Gold"`,
    `${member.plan}\nNetwork B`,
    `${member.plan} – Región Ñ`,
  ][Math.floor(home / 16) % 5];

  if (dice % 41 === 3) cells[AT.member_id] = ` ${cells[AT.member_id]}`;
  if (dice % 43 === 4) cells[AT.member_id] = `${cells[AT.member_id]} `;
  if (dice % 59 === 5 && cells[AT.ssn] !== '') cells[AT.ssn] = `${cells[AT.ssn]}  `;
  if (dice % 61 === 6) cells[AT.subscriber_id] = '';

  cells.push(dice % 6 === 0 ? pick(HARD_NOTES, Math.floor(dice / 6)) : '');
  cells.push(pick(RISK_BANDS, Math.floor(hash / 128)));
}

/** @type {(cell: string) => string} */
function quoted(cell) {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** @type {(cells: string[], lineBreak: string) => string} */
function writeHard(cells, lineBreak) {
  // Exporters often quote a text column throughout; readers must not care.
  const fields = cells.map((cell, index) =>
    index === AT.patient_last_name || /[",\r\n]|^ | $/.test(cell) ? quoted(cell) : cell,
  );
  return fields.join(',') + lineBreak;
}

/**
 * The file in pieces of about a megabyte. The plain kind has LF and no quotes; the hard kind is what
 * a spreadsheet writes: a byte order mark and CRLF.
 * @param {ClaimsOptions} [options]
 * @param {(cells: string[]) => void} [onRow] Sees each data row.
 * @returns {Generator<Buffer, void, undefined>}
 */
export function* claimsChunks(options = {}, onRow) {
  let text = options.hard ? '\u{FEFF}' : '';
  let header = true;
  for (const cells of claimsRows(options)) {
    // Nothing in the plain kind ever needs quotes: see the lists above.
    text += options.hard ? writeHard(cells, '\r\n') : `${cells.join(',')}\n`;
    if (!header) onRow?.(cells);
    header = false;
    if (text.length >= 1 << 20) {
      yield Buffer.from(text, 'utf8');
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text, 'utf8');
}

/**
 * Write the file to a stream, waiting whenever the stream asks for it. The stream is left open.
 * @param {import('node:stream').Writable} output
 * @param {ClaimsOptions} [options]
 * @param {(cells: string[]) => void} [onRow]
 * @returns {Promise<{ rows: number, bytes: number }>}
 */
export async function writeClaims(output, options = {}, onRow) {
  let bytes = 0;
  for (const chunk of claimsChunks(options, onRow)) {
    bytes += chunk.length;
    if (!output.write(chunk)) await once(output, 'drain');
  }
  return { rows: options.rows ?? 1000, bytes };
}

const USAGE = `usage: node samples/generate-claims.mjs [options] > FILE

  --rows N          data rows (1000)
  --seed N          another seed gives another file (1)
  --hard            hard cases and real-life headers, as in samples/claims.csv
  --columns N       only the first N of the ten tokenized columns (10)
  --distinct SHARE  share of tokenized cells with a value new in its column, above 0 up to 1
                    (without it: members and claims that repeat as real ones do, about 0.093)
`;

/** @returns {Promise<void>} */
async function main() {
  /** @type {ClaimsOptions} */
  let options;
  try {
    const { values } = parseArgs({
      options: {
        rows: { type: 'string' },
        seed: { type: 'string' },
        hard: { type: 'boolean' },
        columns: { type: 'string' },
        distinct: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return;
    }
    /** @type {(text: string | undefined) => number | undefined} */
    const number = (text) => (text === undefined ? undefined : text === '' ? NaN : Number(text));
    options = check({
      rows: number(values.rows),
      seed: number(values.seed),
      hard: values.hard,
      columns: number(values.columns),
      distinct: number(values.distinct),
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  // `| head` closes the pipe early, which is no failure.
  process.stdout.on('error', (error) => {
    process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1);
  });
  await writeClaims(process.stdout, options);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main();
}
