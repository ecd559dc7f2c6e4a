const base = require('./jest.config.cjs');

/** The ring against clusters of RabbitMQ and NATS, which its set-up installs where they are missing (Debian). */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/clusters'],
  testMatch: ['**/*.clusters.ts'],
  globalSetup: '<rootDir>/test/support/debian.ts',
  globals: {
    debian: {
      'rabbitmq-server': 'rabbitmq-server',
      'nats-server': 'nats-server',
      'redis-server': 'redis-server',
      mosquitto: 'mosquitto',
    },
  },
  testTimeout: 30_000,
  // The short form runs a cluster beside another one or the workers; three at a time keep each other from work.
  maxWorkers: process.env.CLUSTERS === 'short' ? 2 : 1,
};
