import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import safeHarbor from '../../schemas/safe-harbor.json' with { type: 'json' };
import safeHarborSchema from '../../schemas/safe-harbor.schema.json' with { type: 'json' };
import { schemaTypes } from '../../scripts/schema-types.mjs';
import { version } from '../../src/core/version.ts';

test('the types of the schema files are those of the JSON Schemas', async () => {
  expect(readFileSync('src/core/schema-files.ts', 'utf8')).toBe(await schemaTypes());
});

test('the version is that of package.json', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(version).toBe(manifest.version);
});

test('the Safe Harbor rules keep their JSON Schema', () => {
  const validate = new Ajv2020().compile(safeHarborSchema);
  expect(validate(safeHarbor), JSON.stringify(validate.errors)).toBe(true);
});
