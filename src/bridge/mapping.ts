/** Mappings to decisions and back: pure, and the same for the page and the command line. */
export { decisionsOf, mappingOf } from '../core/mapping.ts';
