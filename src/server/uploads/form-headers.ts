import { VaultError } from '../../core/errors.ts';
import { uploadField } from '../../core/upload.ts';
import type { ProblemName } from '../http/problems.ts';

/** Quoted, or as a token that may hold what should have been quoted. */
const boundaryPattern = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;"]+))\s*(?:;|$)/i;
/** RFC 2046, section 5.1.1. */
const boundaryForm = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

/**
 * The boundary of a form, from the request's content type.
 * @throws VaultError `request-refused`, rule `content-type-unsupported` or `form-invalid`
 */
export function boundaryOf(contentType: string): string {
  if (!/^multipart\/form-data\s*(?:;|$)/i.test(contentType)) {
    throw refused('content-type-unsupported', 'expected multipart/form-data');
  }
  const [, quoted, token] = boundaryPattern.exec(contentType) ?? [];
  const boundary = quoted ?? token ?? '';
  if (!boundaryForm.test(boundary)) {
    throw refused('form-invalid', 'expected a boundary of 1 to 70 characters in Content-Type');
  }
  return boundary;
}

/** Bytes of a part's headers at most. */
const headersMax = 16 * 1024;

/** Headers of a part by lower-case name. */
export type Headers = Readonly<Partial<Record<string, readonly string[]>>>;

export const oneFile = `expected one file in the form field "${uploadField}", and nothing else`;
export const noHeaders = 'expected a part with complete headers';

/** A parameter of a header, quoted (RFC 9110, section 5.6.6) or not. */
const parameter = /\s*;\s*([!#$%&'*+\-.^_`|~0-9a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*/iy;

/**
 * What is wrong with the headers of a part that should be the file: a problem, and what was expected
 * instead. Null where nothing is.
 */
export function faultOf(headers: Headers): [ProblemName, string] | null {
  const length = Object.entries(headers)
    .flatMap(([name, values]) => (values ?? []).map((value) => name.length + value.length + 4))
    .reduce((sum, next) => sum + next, 0);
  if (length > headersMax) return ['form-invalid', 'expected a part with short headers'];

  const [disposition, second] = headers['content-disposition'] ?? [];
  if (disposition === undefined || second !== undefined) return ['form-invalid', noHeaders];
  const parameters = parametersOf(disposition);
  if (parameters === null) return ['form-invalid', noHeaders];
  if (parameters.get('name') !== uploadField) return ['form-invalid', oneFile];
  if (!parameters.has('filename') && !parameters.has('filename*')) {
    return ['form-invalid', `expected the field "${uploadField}" to be a file, with a file name`];
  }
  // RFC 7578, section 4.7: deprecated, and nothing here undoes one.
  const encodings = headers['content-transfer-encoding'] ?? [];
  if (encodings.every((encoding) => /^(?:7bit|8bit|binary)$/i.test(encoding.trim()))) return null;
  return ['form-invalid', 'expected a file without Content-Transfer-Encoding'];
}

/** Parameters of a Content-Disposition by lower-case name, or null where it is not `form-data`. */
function parametersOf(disposition: string): ReadonlyMap<string, string> | null {
  const type = /^\s*form-data\s*/i.exec(disposition);
  if (type === null) return null;
  const parameters = new Map<string, string>();
  parameter.lastIndex = type[0].length;
  while (parameter.lastIndex < disposition.length) {
    const found = parameter.exec(disposition);
    if (found === null) return null;
    const [, name = '', quoted, plain = ''] = found;
    if (parameters.has(name.toLowerCase())) return null;
    parameters.set(name.toLowerCase(), quoted ?? plain);
  }
  return parameters;
}

/** A refusal of the request that is called like this problem. */
export function refused(rule: ProblemName, expected: string): VaultError {
  return new VaultError('request-refused', expected, { rule });
}
