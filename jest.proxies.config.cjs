const base = require('./jest.config.cjs');

/** The ring against real proxies, which its set-up installs where they are missing (Debian). */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/proxies'],
  testMatch: ['**/*.proxies.ts'],
  globalSetup: '<rootDir>/test/support/debian.ts',
  globals: {
    debian: {
      squid: 'squid',
      tinyproxy: 'tinyproxy',
      'dante-server': 'danted',
      microsocks: 'microsocks',
      openssl: 'openssl',
    },
  },
  testTimeout: 20_000,
  maxWorkers: 1,
};
