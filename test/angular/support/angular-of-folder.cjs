'use strict';

/** Resolves Angular, and the zone.js that fits it, in the folder that ANGULAR_FOLDER names. */
module.exports = (request, options) =>
  options.defaultResolver(
    request,
    /^(@angular\/|zone\.js)/.test(request) ? { ...options, basedir: process.env.ANGULAR_FOLDER } : options,
  );
