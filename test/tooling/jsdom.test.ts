/** @jest-environment jsdom */
import { join } from 'node:path';
import type * as Browser from '../../src/browser.js';

/** jsdom has neither TextEncoder nor TextDecoder; setup files of applications add them, often after the imports. */
it('loads in jsdom, and works with what is there when it is used', () => {
  expect([typeof TextDecoder, typeof TextEncoder]).toEqual(['undefined', 'undefined']);
  for (const entry of ['browser', 'index', 'packet/index', 'angular/index', 'sans-io/index']) {
    jest.isolateModules(() => void require(join(__dirname, '../../src', entry)));
  }
  const { connect } = require('../../src/browser.js') as typeof Browser;
  const client = connect('ws://127.0.0.1:9', { lazy: true });
  expect(client.state.status).toBe('idle');
});
