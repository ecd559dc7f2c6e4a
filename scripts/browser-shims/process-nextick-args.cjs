'use strict';

module.exports = { nextTick: (callback, ...args) => queueMicrotask(() => callback(...args)) };
