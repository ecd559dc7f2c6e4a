/** Resolves modules of the library to the twins that take their place in browsers. */
const { existsSync } = require('node:fs');

/**
 * Loading parts later takes real time, and these tests have none; URLs here are not those of WebSockets; and the broker
 * that the tests play checks more of what it sends than a client has to.
 */
const OTHERS = /\/(?:parts|broker-url|check-client-fields)\.ts$/;

module.exports = (request, options) => {
  const path = options.defaultResolver(request, options);
  const twin = path.replace(/\.ts$/, '.browser.ts');
  return /\/src\/.*\.ts$/.test(path) && !OTHERS.test(path) && existsSync(twin) ? twin : path;
};
