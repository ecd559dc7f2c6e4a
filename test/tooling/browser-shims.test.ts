import fc from 'fast-check';
import * as mqttPacket from 'mqtt-packet';
import { createContext, runInContext } from 'node:vm';
import { bundleForBrowsers } from './browser-bundle.js';

type MqttPacket = Pick<typeof mqttPacket, 'generate' | 'parser'>;

/** mqtt-packet as it stands in the browser bundle, in a context that has no Buffer. */
const { text } = bundleForBrowsers({ entry: "export { generate, parser } from 'mqtt-packet';", format: 'iife' });
const browser = runInContext(
  `${text}; bundle`,
  createContext({ TextEncoder, TextDecoder, Uint8Array, ArrayBuffer, DataView, queueMicrotask }),
) as MqttPacket;

const bytes = (...values: number[]): Buffer => Buffer.from(values);

const packets: readonly [name: string, protocolVersion: 3 | 4 | 5, packet: object][] = [
  [
    'connect with a will and credentials',
    5,
    {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 5,
      clean: true,
      clientId: 'h\u00e4ll-7',
      keepalive: 60,
      username: 'u',
      password: bytes(0, 255),
      properties: { sessionExpiryInterval: 0xffffffff, receiveMaximum: 20, userProperties: { a: ['b', 'c'] } },
      will: {
        topic: 'will',
        payload: bytes(1, 2),
        qos: 1,
        retain: true,
        properties: { willDelayInterval: 5, correlationData: bytes(9) },
      },
    },
  ],
  ['connect', 4, { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'a', keepalive: 0 }],
  [
    'connect',
    3,
    { cmd: 'connect', protocolId: 'MQIsdp', protocolVersion: 3, clean: true, clientId: 'a', keepalive: 9 },
  ],
  [
    'connack',
    5,
    {
      cmd: 'connack',
      reasonCode: 0,
      sessionPresent: false,
      properties: { assignedClientIdentifier: '\ufeffx', serverKeepAlive: 300, maximumPacketSize: 70000 },
    },
  ],
  ['connack', 4, { cmd: 'connack', returnCode: 5, sessionPresent: true }],
  ['publish', 4, { cmd: 'publish', topic: 'a/b', payload: bytes(1, 2, 3), qos: 2, messageId: 65535, dup: true }],
  ['publish', 5, { cmd: 'publish', topic: 'a', payload: 'text \u20ac', qos: 0, properties: { contentType: 't/p' } }],
  [
    'subscribe',
    5,
    {
      cmd: 'subscribe',
      messageId: 7,
      subscriptions: [{ topic: 'a/#', qos: 1, nl: true, rap: true, rh: 2 }],
      properties: { subscriptionIdentifier: 268435455 },
    },
  ],
  ['subscribe', 4, { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'a/#', qos: 1 }] }],
  ['suback', 5, { cmd: 'suback', messageId: 7, granted: [0, 1, 2, 0x87] }],
  ['suback', 4, { cmd: 'suback', messageId: 7, granted: [0, 128] }],
  ['unsubscribe', 5, { cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a', 'b/+'] }],
  ['unsuback', 5, { cmd: 'unsuback', messageId: 7, granted: [0, 17] }],
  ['unsuback', 4, { cmd: 'unsuback', messageId: 7 }],
  ['puback', 5, { cmd: 'puback', messageId: 7, reasonCode: 16, properties: { reasonString: 'nobody' } }],
  ['pubrel', 4, { cmd: 'pubrel', messageId: 7 }],
  ['pingreq', 4, { cmd: 'pingreq' }],
  ['pingresp', 5, { cmd: 'pingresp' }],
  ['disconnect', 5, { cmd: 'disconnect', reasonCode: 4, properties: { reasonString: 'bye' } }],
  ['disconnect', 4, { cmd: 'disconnect' }],
  ['auth', 5, { cmd: 'auth', reasonCode: 24, properties: { authenticationMethod: 'm', authenticationData: bytes(1) } }],
];

const encode = (codec: MqttPacket, packet: object, protocolVersion: number): Uint8Array =>
  codec.generate(packet as mqttPacket.Packet, { protocolVersion });

/** What the parser makes of the chunks: packets and errors in order, with bytes as numbers, for the two realms differ. */
function read(codec: MqttPacket, protocolVersion: number, chunks: readonly Uint8Array[]): unknown[] {
  const events: unknown[] = [];
  const parser = codec.parser({ protocolVersion });
  parser.on('packet', (packet) => events.push({ ...packet }));
  parser.on('error', (error: Error) => events.push(error.message));
  try {
    for (const chunk of chunks) parser.parse(chunk as Buffer);
  } catch (error) {
    events.push((error as Error).name);
  }
  return JSON.parse(JSON.stringify(events, (_, value: unknown) => plain(value))) as unknown[];
}

/** `JSON.stringify` has asked a Buffer of Node for its `toJSON` before it comes here. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'Buffer') return value;
  return (value as unknown as { data: number[] }).data;
}

describe('the shims of the browser bundle', () => {
  describe.each(packets)('%s, version %i', (_, version, packet) => {
    const wire = encode(mqttPacket, packet, version);

    it('is encoded to the bytes that Node gives', () => {
      expect([...encode(browser, packet, version)]).toEqual([...wire]);
    });

    it('is read to the packet that Node gives, whole and byte by byte', () => {
      const expected = read(mqttPacket, version, [wire]);
      expect(expected).toEqual([expect.objectContaining({ cmd: (packet as mqttPacket.Packet).cmd })]);
      expect(read(browser, version, [wire])).toEqual(expected);
      expect(
        read(
          browser,
          version,
          Array.from(wire, (byte) => new Uint8Array([byte])),
        ),
      ).toEqual(expected);
    });
  });

  it('read damaged packets as Node does', () => {
    const damaged = fc
      .record({
        index: fc.nat({ max: packets.length - 1 }),
        at: fc.nat({ max: 60 }),
        byte: fc.nat({ max: 255 }),
        keep: fc.nat({ max: 80 }),
      })
      .map(({ index, at, byte, keep }) => {
        const [, version, packet] = packets[index]!;
        const wire = Uint8Array.from(encode(mqttPacket, packet, version));
        if (at < wire.length) wire[at] = byte;
        return { version, wire: wire.subarray(0, keep) };
      });
    fc.assert(
      fc.property(damaged, ({ version, wire }) => {
        expect(read(browser, version, [wire])).toEqual(read(mqttPacket, version, [wire]));
      }),
      { numRuns: 2000 },
    );
  });
});
