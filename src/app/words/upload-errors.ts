import type { Words } from './words.ts';

/** The documented refusals of a receiver, by the short name of each. */
const byRule: Readonly<Partial<Record<string, Words>>> = {
  'vault-mode-required': {
    what: 'The receiver saw no vault mode.',
    todo: 'Something on the way, such as a proxy, removes the header X-Velora-Vault-Mode. Ask your network team to let it through.',
  },
  'ambiguous-vault-mode': {
    what: 'The receiver saw more than one vault mode.',
    todo: 'Something on the way, such as a proxy, adds another X-Velora header. Ask your network team to leave it out.',
  },
  'plaintext-detected': {
    what: 'The receiver found a value that is no token where a token must be.',
    todo: 'Usually the file was tokenized for another product, or with an older version of this tool. Check the product, then tokenize the original again. The receiver keeps nothing of a refused file.',
  },
  'plaintext-detected-in-generalize-column': {
    what: 'The receiver found more than a year or three digits where only these may be.',
    todo: 'Usually the file was tokenized for another product, or with an older version of this tool. Check the product, then tokenize the original again.',
  },
  'column-to-be-dropped': {
    what: 'The receiver found a column that must not leave.',
    todo: 'Check the product, then tokenize the original again: the column is left out.',
  },
  'identifier-in-kept-column': {
    what: 'The receiver found a social security number or an e-mail address in a kept column.',
    todo: 'Tokenize the original again, and leave that column out or take it for an identifier.',
  },
  'column-undecided': {
    what: 'The receiver found a column that looks like an identifier.',
    todo: 'Tokenize the original again, and decide there what becomes of the column.',
  },
  'header-not-accepted': {
    what: 'The receiver takes the first record for data.',
    todo: 'It needs a header row with a known identifier column. Check the product, then tokenize the original again.',
  },
  'tokens-found': {
    what: 'The receiver expected originals and found tokens.',
    todo: 'Something on the way, such as a proxy, replaces the header X-Velora-Vault-Mode. Ask your network team to let it through.',
  },
  'csv-invalid': {
    what: 'The receiver could not read the file as CSV.',
    todo: 'It reads UTF-8, and UTF-16 only with a byte order mark. Tokenize the original again: what is saved is always UTF-8.',
  },
  'file-empty': {
    what: 'The receiver got a file without content.',
    todo: 'Something on the way, such as a proxy, removed it. Ask your network team.',
  },
  'scope-missing': {
    what: 'This upload token is valid but may not upload (403).',
    todo: 'Ask whoever manages the tokens for one with the scope upload:write.',
  },
  'tenant-mismatch': {
    what: 'The request names another customer than that of the upload token (403).',
    todo: 'Something on the way, such as a proxy, adds the header X-Velora-Customer-Id. Ask your network team to leave it out.',
  },
  'product-unknown': {
    what: 'The receiver does not know this product (404).',
    todo: 'Its list of products may be older than this page’s. Ask the receiver.',
  },
  'body-idle': {
    what: 'The file stopped coming, and the receiver waited no longer (408).',
    todo: 'Nothing was taken. Send it again; if it happens again, ask your network team.',
  },
  'idempotency-conflict': {
    what: 'The receiver has taken another upload under the key of this file (409).',
    todo: 'Probably the same file in another mode. Nothing was taken now: ask the receiver for the earlier upload.',
  },
  'content-type-unsupported': {
    what: 'The receiver saw no form, or a compressed one (415).',
    todo: 'Something on the way, such as a proxy, changes Content-Type or Content-Encoding. Ask your network team to let both through.',
  },
  'bad-request': {
    what: 'The receiver did not accept the request (400).',
    todo: 'Check that the product is the right one; then ask the receiver.',
  },
  'token-form': {
    what: 'That is no upload token, so nothing was sent.',
    todo: 'A token reads vlk_live_, then 8 and 32 hexadecimal characters. Paste it whole, without quotes.',
  },
  unauthorized: {
    what: 'The receiver does not know this upload token (401).',
    todo: 'Check that it was pasted whole (vlk_live_…), and that it is neither revoked nor expired.',
  },
  forbidden: {
    what: 'This upload token may not upload for this product (403).',
    todo: 'Ask whoever manages the tokens for one with that scope.',
  },
  'not-found': {
    what: 'There is no upload at this address (404).',
    todo: 'Check the address and the product.',
  },
  'too-large': {
    what: 'The receiver, or a proxy before it, takes no file of this size (413).',
    todo: 'Ask for a higher limit, or split the file.',
  },
  'too-many-requests': {
    what: 'The receiver takes no more uploads for now (429).',
    todo: 'It was asked several times. Wait some minutes and send again.',
  },
  'server-error': {
    what: 'The receiver has a fault of its own.',
    todo: 'It was asked several times. Nothing is wrong with your file: send it again later.',
  },
  refused: {
    what: 'The receiver refused the file.',
    todo: 'Check the address and the product; then ask the receiver.',
  },
  redirect: {
    what: 'The answer came from another address, so it does not count.',
    todo: 'The browser may have followed the address to where it leads: ask the receiver whether the file is there. Then ask whoever runs this page to enter the receiver’s own address.',
  },
};

/**
 * The words of a refusal, with the status that was answered; nothing for one that is not documented.
 * @param message the error's own, which names the status
 */
export function uploadWords(rule: string | undefined, message: string): Words | undefined {
  const words = byRule[rule ?? ''];
  const status = /\(\d{3}\)/.exec(message)?.[0];
  if (words === undefined || status === undefined || words.what.includes(status)) return words;
  return { ...words, what: `${words.what.replace(/\.$/, '')} ${status}.` };
}
