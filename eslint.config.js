import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const networkGlobals = [
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'EventSource',
  'WebTransport',
  'RTCPeerConnection',
];

/** The same by way of the global object, and what sends without a name of its own. */
const networkProperties = [
  ...['window', 'self', 'globalThis'].flatMap((object) =>
    networkGlobals.map((property) => ({ object, property })),
  ),
  { property: 'sendBeacon' },
];

/** @param {readonly string[]} allowed */
const networkBut = (allowed) => networkGlobals.filter((name) => !allowed.includes(name));

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

const roomsOfOneFile = ['protocol'];

/**
 * The walls of one room: other rooms that it may not import from, and packages that it may not
 * import. Cycles are found by a test, since they are not a matter of one file.
 * @param {readonly string[]} rooms
 * @param {string} packages pattern of forbidden package names
 * @param {readonly object[]} [further] patterns
 */
function walls(rooms, packages, further = []) {
  const files = rooms.filter((room) => roomsOfOneFile.includes(room));
  return [
    'error',
    {
      patterns: [
        {
          regex: `^\\.{1,2}/(?:.*/)?(?:(?:${rooms.join('|')})/|(?:${files.join('|') || '$.'})\\.ts$)`,
          message: 'There is a wall between these two rooms: see docs/architecture.md.',
        },
        { regex: packages, message: 'This package has no place in this room.' },
        ...further,
      ],
    },
  ];
}

const uiPackages = 'react|react-.*|@?comlink.*';
const networkModules = 'node:(?:https?|http2|net|tls|dgram|dns|inspector)(?:/.*)?|undici';
const cliWalls = ['server', 'app', 'bridge', 'platform', 'workers', 'protocol', 'test'];

/** Of the core the page's thread needs these; its types may come from anywhere. */
const coreForBridge = {
  regex: '^\\.{1,2}/(?:.*/)?core/(?!(?:errors|secret|mapping|upload)\\.ts$)',
  allowTypeImports: true,
  message: 'Files are read in workers; the bridge takes types of the core, and little else.',
};

/** The app is given a vault and knows its contract only. */
const contractOfBridge = {
  regex: '^\\.{1,2}/(?:.*/)?bridge/(?!(?:contract|mapping)\\.ts$)',
  message: 'The app knows the contract of the bridge and its mappings, and is given the rest.',
};

const appWalls = ['cli', 'server', 'core', 'platform', 'workers', 'test'];
const appPackages = '^(?:node:|virtual:|@?comlink)';

export default tseslint.config(
  { ignores: ['dist/', 'assembly/', 'demo-output/', 'coverage/', 'src/core/schema-files.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          './tsconfig.core.json',
          './tsconfig.app.json',
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
    files: ['src/**', 'workers/**'],
    rules: { 'no-restricted-properties': ['error', ...networkProperties] },
  },
  {
    files: ['src/core/**', 'src/index.ts'],
    rules: {
      'no-restricted-globals': ['error', ...runtimeGlobals],
      'no-restricted-imports': walls(
        ['cli', 'node', 'server', 'app', 'bridge', 'platform', 'workers', 'protocol', 'test'],
        '^(?!\\.|papaparse$|@noble/hashes/|virtual:kernel$)',
      ),
    },
  },
  {
    files: ['src/protocol.ts'],
    rules: {
      'no-restricted-imports': walls(
        ['cli', 'server', 'app', 'bridge', 'platform', 'workers', 'test'],
        '^[^.]',
      ),
    },
  },
  {
    files: ['src/app/**'],
    extends: [reactHooks.configs.flat.recommended],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-restricted-imports': walls(appWalls, appPackages, [contractOfBridge]),
    },
  },
  {
    // Where the two are put together.
    files: ['src/app/main.tsx'],
    rules: { '@typescript-eslint/no-restricted-imports': walls(appWalls, appPackages) },
  },
  {
    files: ['src/bridge/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      '@typescript-eslint/no-restricted-imports': walls(
        ['cli', 'server', 'app', 'workers', 'test'],
        '^(?!\\.|comlink$|virtual:worker/)',
        [coreForBridge],
      ),
    },
  },
  {
    files: ['src/bridge/demo.ts'],
    rules: { 'no-restricted-globals': ['error', ...networkBut(['fetch'])] },
  },
  {
    files: ['src/bridge/send-once.ts'],
    rules: { 'no-restricted-globals': ['error', ...networkBut(['XMLHttpRequest'])] },
  },
  {
    files: ['src/platform/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': walls(
        ['cli', 'server', 'app', 'bridge', 'workers', 'test'],
        '^(?!\\.|comlink$)',
      ),
    },
  },
  {
    // Tries whether the wall stands.
    files: ['src/platform/walls.ts'],
    rules: { 'no-restricted-globals': ['error', ...networkBut(['fetch'])] },
  },
  {
    files: ['workers/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': walls(
        ['cli', 'server', 'app', 'bridge', 'test'],
        '^(?:node:|virtual:|react)',
      ),
    },
  },
  {
    files: ['src/cli/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': walls(cliWalls, `^(?:${uiPackages}|${networkModules})$`),
    },
  },
  {
    // Threads are spoken to by Comlink, as the page's workers are.
    files: ['src/cli/engine-pool.ts', 'src/cli/engine-thread.ts'],
    rules: { 'no-restricted-imports': walls(cliWalls, `^(?:react|react-.*|${networkModules})$`) },
  },
  {
    // The one request of the command line.
    files: ['src/cli/upload-request.ts'],
    rules: { 'no-restricted-imports': walls(cliWalls, `^(?:${uiPackages})$`) },
  },
  {
    // What the command line and the receiver share of Node.
    files: ['src/node/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': walls(['cli', ...cliWalls], `^(?:${uiPackages}|${networkModules})$`),
    },
  },
  {
    // It listens; it calls nobody but its own database and, as a command, its own control socket.
    files: ['src/server/**'],
    rules: {
      'no-restricted-globals': ['error', ...networkGlobals],
      'no-restricted-imports': walls(
        ['cli', 'app', 'bridge', 'platform', 'workers', 'protocol', 'test'],
        `^(?:${uiPackages})$`,
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
