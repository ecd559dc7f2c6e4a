import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const TIMERS = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'requestAnimationFrame'];
const CLOCKS = [
  ['Date', 'now'],
  ['performance', 'now'],
  ...['asyncScheduler', 'asapScheduler', 'queueScheduler', 'animationFrameScheduler'].map((name) => [name, 'now']),
];
/** A delay that may be longer than platforms can wait: all but a number or a CONSTANT. */
const VARIABLE = ':not(Literal):not(Identifier[name=/^[A-Z][A-Z_]*$/])';
const FOCUSED = ['fit', 'fdescribe', 'xit', 'xtest', 'xdescribe'];

const syntax = (selector, message) => ({ selector, message });

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '.cache/',
      'artifacts/',
      'coverage/',
      'examples/angular/{src,.library,.angular}/',
      'examples/nestjs/src/',
      'test/bundlers/',
      'test/runtimes/projects/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  eslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
      // Where an index is in range by construction, `as T` says so; `!` is not used.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // `a === undefined || b(a)` also narrows `a` for what follows, which an optional chain does not.
      '@typescript-eslint/prefer-optional-chain': 'off',
      // On strings and flags `||` is what is meant: an empty one counts as absent.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: true }],
      // `process.env['PATH']` shows that the name comes from outside.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        ...TIMERS.map((name) => ({
          name,
          message: 'Time comes from RxJS schedulers, so that marble tests control it.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        ...CLOCKS.map(([object, property]) => ({
          object,
          property,
          message:
            'rx/clock.ts: elapsed() measures how long something takes, timeOfDay() is for people and signatures.',
        })),
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'rxjs', importNames: ['retryWhen'], message: 'It stands in connection/reconnect.ts alone.' },
            {
              name: 'rxjs',
              importNames: ['auditTime', 'debounceTime', 'timeInterval', 'timestamp'],
              message: 'They measure with the time of day, which people and time servers set.',
            },
            { name: 'rxjs/operators', message: "Import from 'rxjs'." },
            { name: 'node:timers', message: 'Time comes from RxJS schedulers.' },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        syntax('NewExpression[callee.name="Date"][arguments.length=0]', 'rx/clock.ts: elapsed() or timeOfDay().'),
        syntax(`CallExpression[callee.name=/^(timer|interval)$/] > ${VARIABLE}.arguments`, 'Take rx/safe-timer.'),
        syntax(
          `CallExpression[callee.object.name="asyncScheduler"][callee.property.name="schedule"] > ${VARIABLE}.arguments:nth-child(2)`,
          'Take afterElapsed of rx/clock: it waits as long as it is told.',
        ),
        syntax('TSEnumDeclaration', 'Write an `as const` object and a union type of the same name.'),
        syntax('TSModuleDeclaration[kind!="global"]', 'Modules are files.'),
        syntax('ExportDefaultDeclaration', 'Exports are named.'),
        syntax('TSExportAssignment', 'Exports are named.'),
      ],
    },
  },
  {
    files: ['src/connection/reconnect.ts'],
    // Its one use is what lets a user hand in a pipeline over the whole stream of failures.
    rules: { 'no-restricted-imports': 'off', '@typescript-eslint/no-deprecated': 'off' },
  },
  // It weighs the platform's clocks against the scheduler's, and sets the timers.
  { files: ['src/rx/clock.ts'], rules: { 'no-restricted-properties': 'off', 'no-restricted-syntax': 'off' } },
  { files: ['src/rx/safe-interval.ts'], rules: { 'no-restricted-syntax': 'off' } },
  // The end of a turn of the event loop is no time: sockets are written then.
  { files: ['src/transport/server-writes.ts'], rules: { 'no-restricted-imports': 'off' } },
  // They put another clock in their place.
  { files: ['src/testing/{test-run,virtual-time}.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/testing/{jest,vitest}/index.ts'],
    // The way to add matchers to the types of a test framework.
    rules: {
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
  // Real time beside the virtual one.
  {
    files: ['src/testing/{settle,stall-detector}.ts'],
    rules: { 'no-restricted-imports': 'off', 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
  },
  // The command prints; a client without the option log warns once.
  { files: ['src/cli/**/*.ts', 'src/client/client-log.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts', 'marble-tests/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...FOCUSED.map((name) => ({ name, message: 'Every test runs.' }))],
      'no-restricted-properties': [
        'error',
        ...['describe', 'it', 'test'].flatMap((object) =>
          ['only', 'skip', 'todo', 'failing'].map((property) => ({ object, property, message: 'Every test runs.' })),
        ),
      ],
      // A second copy of a module is asked for with `require` inside `jest.isolateModules`.
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // The asymmetric matchers of jest, such as `expect.anything()`, are typed `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // `expect(object.method)` reads the method without calling it.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Types are tested by what must not compile, too.
    files: ['test/angular/types/*.ts'],
    rules: { '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }] },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['console', 'process', 'URL', 'TextEncoder', 'TextDecoder', 'queueMicrotask', 'performance', 'fetch'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },
  {
    files: ['examples/electron/window.mjs'],
    languageOptions: { globals: { window: 'readonly', document: 'readonly' } },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },
);
