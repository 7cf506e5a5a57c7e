import js from '@eslint/js';
import tseslint from 'typescript-eslint';

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

/**
 * The walls of one room: other rooms that it may not import from, and packages that it may not
 * import. Cycles are found by a test, since they are not a matter of one file.
 * @param {readonly string[]} rooms
 * @param {string} packages pattern of forbidden package names
 */
function walls(rooms, packages) {
  return [
    'error',
    {
      patterns: [
        {
          regex: `^\\.{1,2}/(?:.*/)?(?:${rooms.join('|')})(?:/|\\.ts$)`,
          message: 'There is a wall between these two rooms: see docs/architecture.md.',
        },
        { regex: packages, message: 'This package has no place in this room.' },
      ],
    },
  ];
}

const uiPackages = '^(?:react|react-.*|@?comlink.*)$';

export default tseslint.config(
  { ignores: ['dist/', 'demo-output/', 'coverage/', 'src/core/schema-files.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
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
    rules: {
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
      // Fixtures of tests are told by what they destructure, which may be nothing.
      'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/core/**', 'src/index.ts'],
    rules: {
      'no-restricted-globals': ['error', ...runtimeGlobals],
      'no-restricted-imports': walls(
        ['cli', 'server', 'app', 'bridge', 'workers', 'protocol', 'test'],
        '^(?!\\.|papaparse$|@noble/hashes/)',
      ),
    },
  },
  {
    files: ['src/protocol.ts'],
    rules: {
      'no-restricted-imports': walls(
        ['cli', 'server', 'app', 'bridge', 'workers', 'test'],
        '^[^.]',
      ),
    },
  },
  {
    files: ['src/app/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': walls(
        ['cli', 'server', 'core', 'workers', 'test'],
        '^(?:node:|@?comlink)',
      ),
    },
  },
  {
    files: ['workers/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': walls(
        ['cli', 'server', 'app', 'bridge', 'test'],
        '^(?:node:|react)',
      ),
    },
  },
  {
    files: ['src/cli/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': walls(
        ['server', 'app', 'bridge', 'workers', 'protocol', 'test'],
        uiPackages,
      ),
    },
  },
  {
    files: ['src/server/**'],
    rules: {
      'no-restricted-imports': walls(
        ['cli', 'app', 'bridge', 'workers', 'protocol', 'test'],
        uiPackages,
      ),
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
