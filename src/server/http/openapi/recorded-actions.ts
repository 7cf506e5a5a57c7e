import { type AuditAction, auditActions } from '../../audit/audit-log.ts';

const route = 'resource: method and pattern of the address';

/** What a record of each action holds. */
const recorded: Readonly<Record<AuditAction, string>> = {
  'receiver.start':
    "resource `receiver`; details `version`, `database`; in the receiver's own chain",
  'receiver.stop': 'as `receiver.start`',
  'tenant.create': "by `operator`; resource `tenant:<id>`; in the receiver's own chain",
  authentication: `no valid key (401), by \`anonymous\`; ${route}; details \`reason\`, and as far as they are known \`keyPrefix\` and \`tenant\`; in the receiver's own chain`,
  authorization: `a key that may not (403); ${route}; details: the \`scope\` that is missing, or \`problem\``,
  upload:
    'resource `upload:<id>`; details `rows`, `bytes`, `mode`, `product`, and `repeated` where it had been taken before. Refused: resource `uploads`, or method and pattern of the address; details `problem`, and as far as they are known `mode` and `product`',
  'upload.read':
    'resource `upload:<id>`, or `upload:invalid`; details `what` (`receipt` or `file`), or `problem` besides',
  'vault.resolve':
    'resource `token:<token>`, or `token:invalid`; details `column`, or `problem` instead',
  'vault.purge':
    'originals whose time has run out, by `receiver`; resource `vault`; details `removed`',
  'audit.list': 'resource `audit`; details `events`, or `problem` instead',
  'audit.export': 'resource `audit`; details `events`, `truncated`, or `problem` instead',
  'key.create': 'by `operator`; resource `key:<prefix>`; details `scopes`, `expires`',
  'key.list': 'by `operator`; resource `keys`; details `keys`, their number',
  'key.revoke': 'by `operator`; resource `key:<prefix>`; details `already`',
  'rate-limit': `the first refusal of a minute (429), by a key or \`anonymous\`; ${route}; no details`,
};

/** The same as text. */
export const recordedActions = [
  ...auditActions.map((action) => `\`${action}\`: ${recorded[action]}.`),
  'What is refused while the receiver stops has the action that it would have been, and method and pattern of the address as its resource.',
].join('\n\n');
