import fc from 'fast-check';
import { suggestion } from '../../src/options/suggestion.js';

const KNOWN = ['url', 'clientId', 'clean', 'keepalive', 'reconnect', 'rejectUnauthorized', 'ws', 'store', 'username'];

describe('suggestion', () => {
  it.each([
    ['keepAlive', 'keepalive'],
    ['clientid', 'clientId'],
    ['cleintId', 'clientId'],
    ['rejectUnauthorised', 'rejectUnauthorized'],
    ['reconect', 'reconnect'],
    ['urls', 'url'],
    ['usrname', 'username'],
    ['cleanSession', 'clean'],
    ['incomingStore', 'store'],
    ['reconnectPeriod', 'reconnect.minDelay'],
    ['hostname', 'url'],
    ['wsOptions', 'ws'],
  ])('%s was meant for %s', (name, meant) => {
    expect(suggestion(name, KNOWN)).toBe(meant);
  });

  it.each(['colour', 'toString', '__proto__', '', 'x', 'queueQoSZero', 'rap'])('%s was meant for none', (name) => {
    expect(suggestion(name, KNOWN)).toBeUndefined();
  });

  it('finds a long name after any one slip', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('rejectUnauthorized', 'keepalive'),
        fc.nat(100),
        fc.constantFrom('drop', 'double', 'change', 'swap'),
        (name, where, slip) => {
          const at = where % (name.length - 1);
          const [before, here, next, after] = [
            name.slice(0, at),
            name.charAt(at),
            name.charAt(at + 1),
            name.slice(at + 2),
          ];
          const slipped = { drop: next, double: here + here + next, change: `_${next}`, swap: next + here }[slip];
          expect(suggestion(before + slipped + after, KNOWN)).toBe(name);
        },
      ),
    );
  });
});
