const base = require('./jest.config.cjs');

/** The ring against a real RabbitMQ, which its set-up installs where it is missing (Debian). */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/rabbitmq'],
  testMatch: ['**/*.rabbitmq.ts'],
  globalSetup: '<rootDir>/test/support/debian.ts',
  globals: {
    debian: { 'rabbitmq-server': '/usr/lib/rabbitmq/bin/rabbitmq-server' },
  },
  testTimeout: 30_000,
  maxWorkers: 1,
};
