import { clientsOf, type BrokerSource, type Strictness } from './broker-under-test.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/ /g, ''), 'hex'));

type Violation = readonly [name: string, hex: string, codes: readonly number[]];

/** What a connected MQTT 5 client may not send, and the reason codes that it may be told. */
const violations: readonly Violation[] = [
  ['[v5 MQTT-3.3.1-4] PUBLISH with QoS 3', '36 07 00 01 61 00 01 00 78', [0x81]],
  ['[v5 MQTT-2.2.1-3] PUBLISH with packet identifier 0', '32 07 00 01 61 00 00 00 78', [0x81, 0x82]],
  ['[v5 MQTT-3.3.2-2] [v5 MQTT-4.7.0-1] PUBLISH with a wildcard', '30 06 00 03 61 2f 2b 00', [0x81, 0x82, 0x90]],
  ['[v5 MQTT-4.7.3-1] PUBLISH without a topic', '30 04 00 00 00 78', [0x81, 0x82]],
  ['PUBLISH with the topic alias 0', '30 07 00 01 61 03 23 00 00', [0x81, 0x82, 0x94]],
  ['PUBLISH with a topic alias above the maximum', '30 07 00 01 61 03 23 ff ff', [0x94]],
  ['[v5 MQTT-3.3.2-7] PUBLISH with an alias that is not bound', '30 06 00 00 03 23 00 01', [0x82, 0x94]],
  ['[v5 MQTT-1.5.4-1] PUBLISH with a surrogate in its topic', '30 06 00 03 ed a0 80 00', [0x81, 0x82, 0x90]],
  ['[v5 MQTT-1.5.4-2] [v5 MQTT-4.7.3-2] PUBLISH with U+0000 in its topic', '30 04 00 01 00 00', [0x81, 0x82, 0x90]],
  ['PUBLISH with an unknown property', '30 06 00 01 61 02 7f 01', [0x81, 0x82]],
  ['PUBLISH with a property twice', '30 08 00 01 61 04 01 01 01 01', [0x81, 0x82]],
  ['PUBLISH that ends within its properties', '30 04 00 01 61 05', [0x81, 0x82]],
  ['[v5 MQTT-3.8.1-1] SUBSCRIBE with other flags', '80 07 00 01 00 00 01 61 00', [0x81]],
  ['[v5 MQTT-3.8.3-2] SUBSCRIBE without a filter', '82 03 00 01 00', [0x81, 0x82]],
  ['[v5 MQTT-3.8.3-5] SUBSCRIBE with reserved options', '82 07 00 01 00 00 01 61 40', [0x81, 0x82]],
  ['SUBSCRIBE with QoS 3', '82 07 00 01 00 00 01 61 03', [0x81, 0x82]],
  ['SUBSCRIBE with retain handling 3', '82 07 00 01 00 00 01 61 30', [0x81, 0x82]],
  ['SUBSCRIBE with packet identifier 0', '82 07 00 00 00 00 01 61 00', [0x81, 0x82]],
  ['SUBSCRIBE with the subscription identifier 0', '82 09 00 01 02 0b 00 00 01 61 00', [0x81, 0x82]],
  ['[v5 MQTT-4.7.1-1] SUBSCRIBE with # inside', '82 09 00 01 00 00 03 23 2f 61 00', [0x81, 0x82, 0x8f]],
  ['[v5 MQTT-4.7.1-2] SUBSCRIBE with + beside a letter', '82 08 00 01 00 00 02 61 2b 00', [0x81, 0x82, 0x8f]],
  ['[v5 MQTT-3.10.1-1] UNSUBSCRIBE with other flags', 'a0 06 00 01 00 00 01 61', [0x81]],
  ['[v5 MQTT-3.10.3-2] UNSUBSCRIBE without a filter', 'a2 03 00 01 00', [0x81, 0x82]],
  ['[v5 MQTT-3.6.1-1] PUBREL with other flags', '60 02 00 01', [0x81]],
  ['[v5 MQTT-3.14.1-1] DISCONNECT with other flags', 'e1 00', [0x81]],
  ['CONNACK from a client', '20 03 00 00 00', [0x81, 0x82]],
  ['AUTH without an authentication method', 'f0 00', [0x81, 0x82]],
  ['packet type 0', '00 00', [0x81, 0x82]],
  ['a remaining length of five bytes', '30 ff ff ff ff 01', [0x81]],
];

/** What Mosquitto 2.0 lets pass. */
const subtle: readonly Violation[] = [
  ['[v5 MQTT-3.3.1-2] PUBLISH with DUP at QoS 0', '38 05 00 01 61 00 78', [0x81, 0x82]],
  ['[v5 MQTT-3.3.4-6] PUBLISH with a subscription identifier', '30 06 00 01 61 02 0b 01', [0x81, 0x82]],
  [
    '[v5 MQTT-3.3.2-14] PUBLISH with a wildcard in its response topic',
    '30 08 00 01 61 04 08 00 01 23',
    [0x81, 0x82, 0x90],
  ],
  ['PUBLISH with a payload format of 2', '30 06 00 01 61 02 01 02', [0x81, 0x82]],
  [
    '[v5 MQTT-3.8.3-4] SUBSCRIBE with no local on a shared filter',
    '82 10 00 01 00 00 0a 24 73 68 61 72 65 2f 67 2f 61 04',
    [0x81, 0x82],
  ],
  [
    '[v5 MQTT-4.8.2-1] SUBSCRIBE without a share name',
    '82 0f 00 01 00 00 09 24 73 68 61 72 65 2f 2f 61 00',
    [0x81, 0x82, 0x8f],
  ],
  ['[v5 MQTT-3.15.1-1] AUTH with other flags', 'f1 00', [0x81]],
  [
    '[v5 MQTT-1.5.7-1] PUBLISH with a surrogate in a user property',
    '30 0d 00 01 61 09 26 00 03 ed a0 80 00 01 62',
    [0x81, 0x82],
  ],
  [
    '[v5 MQTT-3.3.2-13] PUBLISH with a surrogate in its response topic',
    '30 0a 00 01 61 06 08 00 03 ed a0 80',
    [0x81, 0x82, 0x90],
  ],
  [
    '[v5 MQTT-3.3.2-19] PUBLISH with a surrogate in its content type',
    '30 0a 00 01 61 06 03 00 03 ed a0 80',
    [0x81, 0x82],
  ],
  ['[v5 MQTT-2.1.3-1] PUBACK with other flags', '42 02 00 01', [0x81]],
  ['PINGREQ with a body', 'c0 01 00', [0x81, 0x82]],
  ['SUBACK from a client', '90 04 00 01 00 00', [0x81, 0x82]],
  ['PINGRESP from a client', 'd0 00', [0x81, 0x82]],
];

/** Malformed packets and breaches of the protocol: the client is told and cut off, and no other client notices. */
export function malformedContract(broker: BrokerSource, strictness: Strictness): void {
  const clients = clientsOf(broker);

  test.each(strictness === 'strict' ? [...violations, ...subtle] : violations)(
    '[v5 MQTT-3.14.2-1] [v5 MQTT-3.14.2-2] [v5 MQTT-3.14.4-1] [v5 MQTT-4.13.1-1] %s ends the connection',
    async (_name, hex, codes) => {
      const client = await clients.connect();
      const witness = await clients.connect();
      client.send(bytes(hex));
      const last = (await client.closed()).at(-1);
      if (last !== undefined) {
        expect(last.cmd).toBe('disconnect');
        expect(last).not.toHaveProperty('properties.sessionExpiryInterval');
        expect(codes).toContain('reasonCode' in last ? last.reasonCode : -1);
      }
      expect(await witness.settle()).toEqual([]);
    },
  );

  test.each([
    ['[v4 MQTT-3.3.1-4] PUBLISH with QoS 3', '36 06 00 01 61 00 01 78'],
    ['[v4 MQTT-3.8.3-4] SUBSCRIBE with reserved bits', '82 06 00 01 00 01 61 04'],
    ['[v4 MQTT-3.8.3-3] SUBSCRIBE without a filter', '82 02 00 01'],
    ['[v4 MQTT-3.8.1-1] SUBSCRIBE with other flags', '80 06 00 01 00 01 61 00'],
    ['[v4 MQTT-4.7.1-2] SUBSCRIBE with # inside', '82 08 00 01 00 03 23 2f 61 00'],
    ['[v4 MQTT-3.10.1-1] UNSUBSCRIBE with other flags', 'a0 05 00 01 00 01 61'],
    ['[v4 MQTT-3.3.2-2] [v4 MQTT-4.7.1-1] PUBLISH with a wildcard', '30 05 00 03 61 2f 2b'],
    ['[v4 MQTT-1.5.3-1] PUBLISH with a surrogate in its topic', '30 05 00 03 ed a0 80'],
    ['[v4 MQTT-1.5.3-2] [v4 MQTT-4.7.3-2] PUBLISH with U+0000 in its topic', '30 03 00 01 00'],
    ['[v4 MQTT-2.3.1-1] PUBLISH with packet identifier 0', '32 05 00 01 61 00 00'],
    ['[v4 MQTT-4.7.3-1] PUBLISH without a topic', '30 02 00 00'],
    ['[v4 MQTT-4.7.1-3] SUBSCRIBE with + beside a letter', '82 07 00 01 00 02 61 2b 00'],
    ['[v4 MQTT-2.2.2-1] [v4 MQTT-2.2.2-2] [v4 MQTT-3.6.1-1] PUBREL with other flags', '60 02 00 01'],
    ['AUTH, which 3.1.1 does not have', 'f0 00'],
    ['[v4 MQTT-3.14.1-1] DISCONNECT with other flags', 'e1 00'],
  ])('[v4 MQTT-4.8.0-1] %s ends the connection without a word', async (_name, hex) => {
    const client = await clients.connect({ protocolVersion: 4 });
    client.send(bytes(hex));
    expect(await client.closed()).toEqual([]);
  });
}
