/**
 * Writes src/core/schema-files.ts: the types of the files in schemas/, from their JSON Schemas.
 * Run it after a change to one of those; a test fails while it is out of date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import prettier from 'prettier';

const files = {
  CatalogueFile: 'catalogue',
  AnalyticsFile: 'analytics',
  ProductFile: 'product',
  SuspectFile: 'suspect',
};

const banner =
  '/** Generated from schemas/*.schema.json by scripts/schema-types.mjs: not to be edited. */\n';

/** The text of src/core/schema-files.ts as the JSON Schemas have it now. */
export async function schemaTypes() {
  const parts = await Promise.all(
    Object.entries(files).map(async ([title, name]) => {
      const path = new URL(`../schemas/${name}.schema.json`, import.meta.url);
      const schema = JSON.parse(await readFile(path, 'utf8'));
      return compile({ ...withoutConditions(schema), title }, title, {
        bannerComment: '',
        additionalProperties: false,
        ignoreMinAndMaxItems: true,
        format: false,
      });
    }),
  );
  const options = await prettier.resolveConfig(fileURLToPath(import.meta.url));
  return prettier.format(banner + parts.join('\n'), { ...options, parser: 'typescript' });
}

/**
 * Conditions (`allOf` of `if` and `then`) restrict values, which types of this kind cannot say.
 * @param {any} schema
 * @returns {any}
 */
function withoutConditions(schema) {
  if (Array.isArray(schema)) return schema.map(withoutConditions);
  if (schema === null || typeof schema !== 'object') return schema;
  const { allOf: _conditions, ...rest } = schema;
  return Object.fromEntries(
    Object.entries(rest).map(([name, part]) => [name, withoutConditions(part)]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(new URL('../src/core/schema-files.ts', import.meta.url), await schemaTypes());
}
