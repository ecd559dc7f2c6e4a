import type { MqttClient, MqttError } from '../../src/index.js';
import { inVirtualTime } from '../../marble-tests/support.js';
import type { Observable } from 'rxjs';

/** As JavaScript may call it. */
const odd = (value: unknown): never => value as never;
const LONE = 'a\ud800b';

const CASES: readonly (readonly [what: string, ask: (client: MqttClient) => Observable<unknown>, code: string])[] = [
  ['an empty topic', (client) => client.publish('', 'x'), 'INVALID_TOPIC'],
  ['a wildcard in a topic', (client) => client.publish('a/+', 'x'), 'INVALID_TOPIC'],
  ['U+0000 in a topic', (client) => client.publish('a\0', 'x'), 'INVALID_TOPIC'],
  ['a lone surrogate in a topic', (client) => client.publish(LONE, 'x'), 'INVALID_TOPIC'],
  ['a topic above 65535 bytes', (client) => client.publish('é'.repeat(32_768), 'x'), 'INVALID_TOPIC'],
  ['a topic that is no string', (client) => client.publish(odd(7), 'x'), 'INVALID_TOPIC'],
  ['QoS 3', (client) => client.publish('a', 'x', { qos: odd(3) }), 'INVALID_QOS'],
  ['a payload that is a number', (client) => client.publish('a', odd(5)), 'INVALID_PAYLOAD'],
  ['a payload that is null', (client) => client.publish('a', odd(null)), 'INVALID_PAYLOAD'],
  ['an unknown property', (client) => client.publish('a', '', { properties: odd({ colour: 1 }) }), 'INVALID_PROPERTY'],
  [
    'a property of another packet',
    (client) => client.publish('a', '', { properties: odd({ receiveMaximum: 1 }) }),
    'INVALID_PROPERTY',
  ],
  [
    'a property out of range',
    (client) => client.publish('a', '', { properties: { messageExpiryInterval: -1 } }),
    'INVALID_PROPERTY',
  ],
  [
    'U+0000 in a property',
    (client) => client.publish('a', '', { properties: { contentType: '\0' } }),
    'INVALID_PROPERTY',
  ],
  ['an empty filter', (client) => client.subscribe(''), 'INVALID_FILTER'],
  ['# in the middle', (client) => client.subscribe('a/#/b'), 'INVALID_FILTER'],
  ['+ beside a character', (client) => client.subscribe('a/b+'), 'INVALID_FILTER'],
  ['no filter at all', (client) => client.subscribe([]), 'INVALID_FILTER'],
  ['one invalid filter of several', (client) => client.subscribe(['good', 'a#']), 'INVALID_FILTER'],
  ['an invalid share', (client) => client.subscribe('$share/a+b/c'), 'INVALID_FILTER'],
  ['QoS 3 for a filter', (client) => client.subscribe('a', { qos: odd(3) }), 'INVALID_QOS'],
  ['noLocal with a share', (client) => client.subscribe('$share/g/a', { noLocal: true }), 'INVALID_OPTION'],
  ['an invalid filter to unsubscribe', (client) => client.unsubscribe('#/a'), 'INVALID_FILTER'],
];

describe('an invalid request errors alone', () => {
  it.each(CASES)('%s: no byte is written, and the connection stays', (_, ask, code) => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.take();
      const errors: MqttError[] = [];
      ask(world.client).subscribe({ error: (error: MqttError) => errors.push(error) });
      world.by(10);
      expect(errors).toMatchObject([{ code }]);
      expect(world.wire).toEqual([]);
      expect(world.lines).toHaveLength(1);
      expect(world.client.state.status).toBe('connected');
      expect(world.pending).toBeLessThanOrEqual(1);
    });
  });

  it.each([
    ['publish', (client: MqttClient) => client.publish('a', '', odd({ colour: 1 }))],
    ['subscribe', (client: MqttClient) => client.subscribe('a', odd({ colour: 1 }))],
  ] as const)('an unknown option of %s is a TypeError that names it', (_, ask) => {
    inVirtualTime({}, (world) => {
      const errors: unknown[] = [];
      (ask(world.client) as Observable<unknown>).subscribe({ error: (error: unknown) => errors.push(error) });
      expect(errors).toEqual([expect.any(TypeError)]);
      expect(String(errors[0])).toContain('"colour"');
    });
  });

  it('never shows a payload in a message', () => {
    inVirtualTime({ dial: { refuse: true }, offline: { maxMessages: 0 } }, (world) => {
      const errors: Error[] = [];
      world.client.publish('a', 'secret').subscribe({ error: (error: Error) => errors.push(error) });
      world.client.publish('a+', 'secret').subscribe({ error: (error: Error) => errors.push(error) });
      expect(errors).toHaveLength(2);
      for (const { message } of errors) expect(message).not.toContain('secret');
    });
  });

  it('a topic of U+FEFF and a payload of any bytes are sent unchanged', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.fire(world.client.publish('\ufeffa', new Uint8Array([0, 255, 192])));
      expect(world.line.packets.at(-1)).toMatchObject({ topic: '\ufeffa' });
    });
  });
});
