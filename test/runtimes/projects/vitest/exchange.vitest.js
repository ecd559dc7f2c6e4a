import { expect, it } from 'vitest';
import { exchange } from './exchange.js';

const url = typeof window === 'undefined' ? process.env.BROKER_TCP : process.env.BROKER_WS;

it('connects', async () => {
  expect(await exchange(url)).toBe('0, 1, 2');
});
