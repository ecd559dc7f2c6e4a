const base = require('./jest.config.cjs');

/** The ring against a real RabbitMQ, which its set-up installs where it is missing (Debian). */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/rabbitmq'],
  testMatch: ['**/*.rabbitmq.ts'],
  globalSetup: '<rootDir>/test/rabbitmq/install.ts',
  testTimeout: 30_000,
  maxWorkers: 1,
};
