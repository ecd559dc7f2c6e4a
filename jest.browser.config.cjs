const base = require('./jest.config.cjs');

/** The ring in a real Chromium: one file at a time, since each starts a browser of its own. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/browser'],
  testMatch: ['**/*.browser.ts'],
  testTimeout: 60_000,
  maxWorkers: 1,
};
