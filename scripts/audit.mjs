/**
 * npm audit at the level `high`: a finding fails; a registry that does not answer is a warning,
 * since it says nothing about this code.
 */
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--audit-level=high', '--json'], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
});

/** @type {{ metadata?: { vulnerabilities?: Record<string, number> } }} */
let answer = {};
try {
  answer = JSON.parse(stdout);
} catch {
  // No JSON at all: treated like an answer without counts.
}
const counts = answer.metadata?.vulnerabilities;
if (counts === undefined) {
  console.warn('warning: the registry gave no audit answer; dependencies are not audited');
} else {
  const severe = (counts.high ?? 0) + (counts.critical ?? 0);
  console.log(`npm audit: ${JSON.stringify(counts)}`);
  if (severe > 0) {
    console.error(`${severe} findings of high or critical severity: see npm audit`);
    process.exitCode = 1;
  }
}
