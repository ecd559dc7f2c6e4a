const base = require('./jest.config.cjs');

/** The ring of attacks: each runs against a broker or a client in a process of its own, and measures what it does to it. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/attack'],
  testMatch: ['**/*.attack.ts'],
  testTimeout: process.env.ATTACK === 'long' ? 180_000 : 30_000,
  maxWorkers: 1,
};
