import { VaultError, type VaultErrorCode } from '../core/errors.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'is a folder, expected a file',
  ENOTDIR: 'a part of the path is no folder',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'quota exceeded',
  EFBIG: 'file too large',
  EIO: 'input/output error',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'name too long',
  EBUSY: 'in use',
};

/** The code of a system call's failure, such as ENOENT; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/**
 * A system call's failure as a VaultError that names the file and the reason. Anything that is no
 * failure of a system call is given back as it is.
 */
export function systemFailure(error: unknown, code: VaultErrorCode, file: string): unknown {
  const system = systemCode(error);
  if (system === undefined || error instanceof VaultError) return error;
  return new VaultError(code, `${nameForPeople(file)}: ${reasons[system] ?? system}`);
}

/**
 * A path or a name as it may be shown. Somebody may have put the secret where a path belongs: a
 * long run of hexadecimal digits is not repeated, in groups or not. Nor are control characters,
 * which would reach the terminal.
 */
export function nameForPeople(path: string): string {
  return path
    .replace(/[0-9A-Fa-f]{24,}|[0-9A-Fa-f](?:[-:._ ]?[0-9A-Fa-f]){39,}/g, '…')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
