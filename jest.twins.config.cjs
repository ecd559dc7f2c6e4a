/** What browsers run in the place of Node's own modules (`x.browser.ts` for `x.ts`) has to behave in the same way. */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/marble-tests/**/*.test.ts', '<rootDir>/test/{client,operators,session}/**/*.test.ts'],
  resolver: '<rootDir>/test/support/browser-twins.cjs',
};
