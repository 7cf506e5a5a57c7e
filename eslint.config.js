import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** What may be imported from where: `target` may not import anything under `from`. */
const walls = [
  { target: './src/core', from: './src', except: ['./core'] },
  { target: './src/cli', from: './src', except: ['./core', './cli'] },
  { target: './src/server', from: './src', except: ['./core', './server'] },
  { target: './src/app', from: './src', except: ['./app', './bridge', './protocol.ts'] },
  { target: './src/protocol.ts', from: './src', except: ['./core'] },
  { target: './workers', from: './src', except: ['./core', './protocol.ts'] },
  { target: './src', from: './workers', except: [] },
  { target: './src', from: './test', except: [] },
];

const networkGlobals = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport'];

const runtimeGlobals = [
  ...networkGlobals,
  'self',
  'indexedDB',
  'caches',
  'navigator',
  'location',
  'postMessage',
  'importScripts',
  'console',
];

export default tseslint.config(
  { ignores: ['dist/', 'demo-output/', 'coverage/', 'src/core/schema-files.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: {
        project: [
          './tsconfig.core.json',
          './tsconfig.node.json',
          './tsconfig.workers.json',
          './tsconfig.test.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    settings: {
      'import-x/extensions': ['.ts', '.mjs', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: './tsconfig.node.json' }),
      ],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones: walls }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'comlink', message: 'Comlink lives in the bridge and in workers/ only.' },
          ],
          patterns: [
            { group: ['react', 'react-*'], message: 'React lives in src/app only.' },
            { group: ['node:*'], message: 'node: lives in src/cli and src/server only.' },
          ],
        },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['src/core/**', 'src/index.ts'],
    rules: {
      'no-restricted-globals': ['error', ...runtimeGlobals],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\.|papaparse$|@noble/hashes/)',
              message: 'The core imports schemas, Papa Parse, @noble/hashes and itself.',
            },
          ],
        },
      ],
    },
  },
  {
    files: [
      'src/cli/**',
      'src/server/**',
      'test/**',
      'bench/**',
      'vite.config.ts',
      'vitest*.config.ts',
    ],
    rules: {
      'no-restricted-imports': 'off',
    },
  },
  { files: ['src/cli/**'], rules: { 'no-restricted-globals': ['error', ...networkGlobals] } },
  {
    files: ['workers/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': ['error', { patterns: ['react', 'react-*', 'node:*'] }],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    // The type checker knows the globals of these files better than a list.
    rules: {
      'no-undef': 'off',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
);
