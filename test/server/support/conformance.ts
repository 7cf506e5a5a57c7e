import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApiDocument } from '../../../src/server/http/openapi/document.ts';

/** An answer as a client has it. */
export interface SeenAnswer {
  readonly method: string;
  /** Path of the request, without its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Documented {
  readonly headers?: Readonly<Record<string, { required?: boolean; schema: object }>>;
  readonly content?: Readonly<Record<string, object>>;
}

type Operations = Readonly<Record<string, { responses: Readonly<Record<string, Documented>> }>>;

export const documentedPaths = openApiDocument['paths'] as unknown as Readonly<
  Record<string, Operations>
>;

const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/ },
});
ajv.addSchema({ ...openApiDocument, $id: 'https://document.invalid/' });
const compiled = new Map<string, ValidateFunction>();

/**
 * Holds an answer to the document: the operation has this status, with this type of content, these
 * headers, and a body of this form. Where there is no such operation, it is a 404 or a 405.
 * @throws Error that says what differs
 */
export function assertDocumented(answer: SeenAnswer): void {
  const { method, path, status, headers, text } = answer;
  const where = `${method} ${path} ${String(status)}`;
  const pattern = Object.keys(documentedPaths).find(
    (candidate) => matches(candidate, path) && isReadable(path),
  );
  const operation =
    pattern === undefined ? undefined : documentedPaths[pattern]?.[method.toLowerCase()];
  const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
  if (pattern === undefined || operation === undefined) {
    const expected = pattern === undefined ? [404, 503] : [405, 503];
    if (!expected.includes(status)) throw new Error(`${where}: no such operation`);
    assertForm('#/components/schemas/Problem', JSON.parse(text), where);
    return;
  }
  const documented = operation.responses[String(status)];
  if (documented === undefined) throw new Error(`${where}: this status is not documented: ${text}`);
  if (documented.content?.[type] === undefined) {
    throw new Error(`${where}: content of type ${type} is not documented`);
  }
  const at = `#/paths/${escaped(pattern)}/${method.toLowerCase()}/responses/${String(status)}`;
  for (const [name, header] of Object.entries(documented.headers ?? {})) {
    const value = headers[name.toLowerCase()];
    if (value === undefined) {
      if (header.required === true) throw new Error(`${where}: the header ${name} is missing`);
      continue;
    }
    const { type: kind } = header.schema as { type?: string };
    const form = kind === 'integer' ? Number(value) : value;
    assertForm(`${at}/headers/${escaped(name)}/schema`, form, where);
  }
  if (type === 'application/x-ndjson') {
    for (const line of text.split('\n').filter((one) => one !== '')) {
      assertForm('#/components/schemas/AuditRecord', JSON.parse(line), where);
    }
    return;
  }
  const body: unknown = type.endsWith('json') ? JSON.parse(text) : text;
  assertForm(`${at}/content/${escaped(type)}/schema`, body, where);
}

function assertForm(pointer: string, value: unknown, where: string): void {
  let validate = compiled.get(pointer);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `https://document.invalid/${pointer}` });
    compiled.set(pointer, validate);
  }
  if (validate(value)) return;
  throw new Error(`${where}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`);
}

const escaped = (text: string): string =>
  encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));

/** Whether an address can be decoded; one that cannot is no address of anything. */
function isReadable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => (part.startsWith('{') ? given[i] !== '' : part === given[i]))
  );
}
