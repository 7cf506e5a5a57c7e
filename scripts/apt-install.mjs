/** Installs Debian packages for the tests, and starts no service of theirs: PACKAGE… */
import { aptInstall } from './find-browser.mjs';

const packages = process.argv.slice(2);
if (!aptInstall(packages, { start: false })) {
  console.error(`cannot install ${packages.join(' ')}: expected root on Debian, and apt-get`);
  process.exitCode = 1;
}
