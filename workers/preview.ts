import { exampleValues, reviewHead } from '../src/core/review.ts';
import type { FileChoices } from '../src/core/review.ts';
import { catalogue, catalogueVersion, products } from '../src/core/schema.ts';
import { specificationVersion, version } from '../src/core/version.ts';
import type { CatalogueView, Preview } from '../src/protocol.ts';
import { readHead } from './file-source.ts';

/** What there is to choose from. */
export function catalogueView(): CatalogueView {
  return {
    version,
    specification: specificationVersion,
    catalogueVersion,
    products: [...products.values()].map(
      ({ slug, title, description, version: productVersion }) => ({
        slug,
        title,
        description,
        version: productVersion,
      }),
    ),
    targets: [...catalogue.values()].map(({ name, action, prefix, rule }) => ({
      column: name,
      action,
      ...(prefix === undefined ? {} : { prefix }),
      ...(rule === undefined ? {} : { rule }),
    })),
  };
}

/**
 * What the first 64 KiB of a file tell, whatever its size.
 * @throws VaultError `input-unreadable`, and those of `reviewHead`
 */
export async function preview(file: File, choices: FileChoices): Promise<Preview> {
  const { head, whole, gzip } = await readHead(file);
  return { ...reviewHead(head, whole, choices), gzip };
}

/** Up to three values of one column. @throws VaultError as `preview` */
export async function examples(
  file: File,
  choices: FileChoices,
  column: number,
): Promise<readonly string[]> {
  const { head, whole } = await readHead(file);
  return exampleValues(head, whole, choices, column);
}
