const base = require('./jest.config.cjs');

/** The ring against a real Mosquitto: one file at a time, since each starts brokers of its own. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/interop'],
  testMatch: ['**/*.interop.ts'],
  testTimeout: 30_000,
  maxWorkers: 1,
};
