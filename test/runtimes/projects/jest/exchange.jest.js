const { expect, it } = require('@jest/globals');
const { connect } = require('rxmqtt');
const { exchange } = require('./exchange.js');

it('takes the face for pages', () => {
  expect(require.resolve('rxmqtt')).toMatch(/dist.browser.index\.cjs$/);
  expect(() => connect('mqtt://127.0.0.1')).toThrow(/browsers/);
});

it('connects over the WebSocket of jsdom', async () => {
  expect(typeof window).toBe('object');
  expect(await exchange(process.env.BROKER_WS)).toBe('0, 1, 2');
});
