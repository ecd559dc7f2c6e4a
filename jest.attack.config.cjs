const base = require('./jest.config.cjs');

/** The ring of attacks: each runs against a broker or a client in a process of its own, and measures what it does to it. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/attack'],
  testMatch: ['**/*.attack.ts'],
  // Ends an attack that hangs. The long forms compute for a minute, which takes many on a busy machine.
  testTimeout: process.env.ATTACK === 'long' ? 900_000 : 30_000,
  maxWorkers: 1,
};
