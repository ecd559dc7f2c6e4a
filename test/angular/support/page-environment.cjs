'use strict';

const { TestEnvironment } = require('jest-environment-jsdom');

/** A document, and beside it what every browser has and jsdom has not. */
module.exports = class PageEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { TextEncoder, TextDecoder, Uint8Array, ArrayBuffer, DataView });
  }
};
