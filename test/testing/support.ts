export * from '../../src/testing/index.js';
export { json } from '../../src/index.js';
