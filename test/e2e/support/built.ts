import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** The build under test: this checkout's, or the one in the folder that VELORA_DIST names. */
const dist = process.env['VELORA_DIST'] ?? join(root, 'dist');

/** The page as it is built and shipped. */
export const builtPage = join(dist, 'page');

/** The command line of the same build. */
export const builtCommand = join(dist, 'cli.js');

/** The demo bundle. */
export const samples = join(root, 'samples');
