/** Tests run the TypeScript sources as CommonJS; the packed ESM and CJS builds have a ring of their own. */
const tsJest = [
  'ts-jest',
  {
    tsconfig: {
      target: 'ES2022',
      lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
      module: 'CommonJS',
      moduleResolution: 'Node10',
      jsx: 'react-jsx',
      ignoreDeprecations: '6.0',
      esModuleInterop: true,
      isolatedModules: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      types: ['node', 'jest'],
      skipLibCheck: true,
    },
    // `npm run check` type-checks everything once; here it would only be done again, file by file.
    diagnostics: false,
  },
];

module.exports = {
  testEnvironment: 'node',
  // Ends a test that hangs. On a busy machine, one that does not may take longer than the 5 s of Jest's own.
  testTimeout: 20_000,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  testMatch: ['<rootDir>/{test,marble-tests,examples/testing,examples/angular-recipes}/**/*.test.ts'],
  // The Angular example holds a copy of the package, of the same name.
  modulePathIgnorePatterns: ['<rootDir>/(dist|artifacts)/', '<rootDir>/examples/angular/'],
  transform: {
    '^.+\\.tsx?$': tsJest,
    '/node_modules/@angular/.+\\.mjs$': '<rootDir>/test/angular/support/es-modules.cjs',
    '/node_modules/(arktype|arkregex|@ark)/.+\\.js$': '<rootDir>/test/angular/support/es-modules.cjs',
  },
  // Angular and arktype are published as ES modules alone.
  transformIgnorePatterns: ['/node_modules/(?!(@angular|arktype|arkregex|@ark)/)'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^rxmqtt$': '<rootDir>/src/index.ts',
    '^rxmqtt/aws$': '<rootDir>/src/aws/index.ts',
    '^rxmqtt/broker$': '<rootDir>/src/broker/index.ts',
    '^rxmqtt/store-level$': '<rootDir>/src/store-level/index.ts',
    '^rxmqtt/sans-io$': '<rootDir>/src/sans-io/index.ts',
    '^rxmqtt/packet$': '<rootDir>/src/packet/index.ts',
    '^rxmqtt/testing$': '<rootDir>/src/testing/index.ts',
    '^rxmqtt/testing/jest$': '<rootDir>/src/testing/jest/index.ts',
    '^rxmqtt/angular$': '<rootDir>/src/angular/index.ts',
    '^rxmqtt/angular/testing$': '<rootDir>/src/angular/testing/index.ts',
  },
};
