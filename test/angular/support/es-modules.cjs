'use strict';

const { createHash } = require('node:crypto');
const { transformSync } = require('esbuild');

/** Turns the ES modules of a package into CommonJS, which is what jest runs. */
module.exports = {
  process: (source) => ({
    code: transformSync(source, { format: 'cjs', target: 'es2022', platform: 'node', logLevel: 'error' }).code,
  }),
  getCacheKey: (source, path) => createHash('sha256').update(path).update(source).digest('hex'),
};
