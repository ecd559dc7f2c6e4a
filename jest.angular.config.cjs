const base = require('./jest.config.cjs');

/** The unit tests of `rxmqtt/angular` with the Angular of another folder; see `test/angular/main.mjs`. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/angular'],
  testMatch: ['**/*.test.ts'],
  // The documents and the recipes are written for the Angular of today.
  testPathIgnorePatterns:
    Number(process.env.ANGULAR_MAJOR) >= 20 ? [] : ['/(readme|testing-documents)\\.test\\.ts$', '/recipes/'],
  resolver: '<rootDir>/test/angular/support/angular-of-folder.cjs',
};
