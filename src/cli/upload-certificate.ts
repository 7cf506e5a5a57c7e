import { VaultError } from '../core/errors.ts';

const ownAuthority =
  'it is signed by nobody whom this computer trusts. For an authority of your own set NODE_EXTRA_CA_CERTS=ca.pem; for any other ask who runs the receiver';
const outOfDate =
  'it has expired or is not valid yet. Check the clock of this computer, then ask who runs the receiver';
const otherName =
  'it is for another name than that of the address. Check the address, then ask who runs the receiver';
const unusable = 'it is not valid. Ask who runs the receiver';

/** Why a certificate is refused, by the code that Node gives (nodejs.org/api/tls.html). */
const reasons: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: ownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: ownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: ownAuthority,
  CERT_UNTRUSTED: ownAuthority,
  CERT_HAS_EXPIRED: outOfDate,
  CERT_NOT_YET_VALID: outOfDate,
  ERR_TLS_CERT_ALTNAME_INVALID: otherName,
  HOSTNAME_MISMATCH: otherName,
  CERT_REVOKED: unusable,
  CERT_REJECTED: unusable,
  CERT_SIGNATURE_FAILURE: unusable,
  CERT_CHAIN_TOO_LONG: unusable,
  ERROR_IN_CERT_NOT_BEFORE_FIELD: unusable,
  ERROR_IN_CERT_NOT_AFTER_FIELD: unusable,
  INVALID_CA: unusable,
  INVALID_PURPOSE: unusable,
  PATH_LENGTH_EXCEEDED: unusable,
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: unusable,
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: unusable,
};

/**
 * The refusal of a receiver whose certificate does not hold: nothing of the request has gone out, and
 * another attempt would end in the same way.
 * @param cause a system's code for why there is no connection
 * @returns undefined where the cause is another
 */
export function certificateRefusal(cause: string | undefined): VaultError | undefined {
  if (cause === undefined || !Object.hasOwn(reasons, cause)) return undefined;
  return new VaultError(
    'upload-unreachable',
    `the certificate of the receiver is not trusted here, so nothing was sent: ${reasons[cause] ?? ''}`,
    { rule: 'certificate' },
  );
}
