/** The one file of a multipart body. */
export interface MultipartFile {
  readonly field: string;
  readonly fileName: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * Reads a multipart/form-data body (RFC 7578) that holds exactly one part, a file; null where it
 * holds anything else.
 */
export function readMultipart(contentType: string, body: Buffer): MultipartFile | null {
  const boundary = /^multipart\/form-data; boundary=([\w'()+,./:=?-]{1,70})$/.exec(
    contentType,
  )?.[1];
  if (boundary === undefined) return null;
  const open = `--${boundary}\r\n`;
  const close = `\r\n--${boundary}--\r\n`;
  const headEnd = body.indexOf('\r\n\r\n');
  const bodyEnd = body.length - close.length;
  if (headEnd < 0 || bodyEnd < headEnd + 4) return null;
  if (body.toString('latin1', 0, open.length) !== open) return null;
  if (body.toString('latin1', bodyEnd) !== close) return null;
  const bytes = body.subarray(headEnd + 4, bodyEnd);
  // A second part would begin with the boundary.
  if (bytes.includes(`\r\n--${boundary}`)) return null;
  const head = body.toString('utf8', open.length, headEnd).split('\r\n');
  const [, field, fileName] =
    /^Content-Disposition: form-data; name="([^"]*)"; filename="([^"]*)"$/.exec(head[0] ?? '') ??
    [];
  const type = /^Content-Type: (.+)$/.exec(head[1] ?? '')?.[1];
  if (field === undefined || fileName === undefined || type === undefined) return null;
  return head.length === 2 ? { field, fileName, type, bytes } : null;
}
