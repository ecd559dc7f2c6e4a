import fc from 'fast-check';
import { MqttError } from '../../src/errors.js';
import { encodeAny } from '../../src/packet/encode-any.js';
import { encodeAck, encodePublish, publishSize } from '../../src/packet/encode.js';
import type { Packet, ProtocolVersion, PublishProperties } from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';
import { decoded, encoded, hex, propertiesOf, qosLevel, toHex, topicName, VERSIONS, thrownBy } from './support.js';

const payload = hex('01 02');
const connect = { cmd: 'connect', protocolVersion: 5, clientId: 'c', clean: true, keepalive: 60 } as const;

function published(
  version: ProtocolVersion,
  qos: 0 | 1 | 2,
  more: { topic?: string; properties?: PublishProperties; alias?: number; dup?: boolean; retain?: boolean } = {},
): string {
  const out = new WriteBuffer();
  const { topic = 't', properties, alias, dup = false, retain = false } = more;
  encodePublish(out, version, topic, payload, qos, retain, dup, qos === 0 ? 0 : 0x1234, properties, alias);
  return toHex(Buffer.concat(out.take()));
}

describe('PUBLISH', () => {
  it('[v5 MQTT-2.2.1-2, MQTT-2.2.2-1] has no packet identifier at QoS 0, and a zero byte for no properties', () => {
    expect(published(5, 0)).toBe(toHex(hex('3006 0001 74 00 0102')));
    expect(published(4, 0)).toBe(toHex(hex('3005 0001 74 0102')));
  });

  it('has QoS, RETAIN and DUP in its first byte', () => {
    expect(published(4, 1)).toBe(toHex(hex('3207 0001 74 1234 0102')));
    expect(published(4, 2, { dup: true, retain: true })).toBe(toHex(hex('3d07 0001 74 1234 0102')));
  });

  it('[v5 MQTT-3.3.1-2] never has DUP at QoS 0', () => {
    expect(published(5, 0, { dup: true })).toBe(published(5, 0));
  });

  it('binds a topic alias, or is sent with the alias alone', () => {
    expect(published(5, 0, { alias: 7 })).toBe(toHex(hex('3009 0001 74 03 23 0007 0102')));
    expect(published(5, 0, { alias: 7, topic: '' })).toBe(toHex(hex('3008 0000 03 23 0007 0102')));
  });

  it('prefers the alias argument to the one in the properties', () => {
    const properties = { topicAlias: 3, contentType: 'x' };
    expect(published(5, 0, { alias: 7, properties })).toBe(toHex(hex('300d 0001 74 07 23 0007 03 0001 78 0102')));
    expect(properties).toEqual({ topicAlias: 3, contentType: 'x' });
  });

  it('leaves properties out before MQTT 5', () => {
    expect(published(4, 0, { properties: { contentType: 'x' }, alias: 7 })).toBe(published(4, 0));
  });

  it('passes a payload of 4 KiB or more on by reference, in order', () => {
    const large = new Uint8Array(4096).fill(7);
    const out = new WriteBuffer();
    encodePublish(out, 5, 't', large, 0, false, false, 0, undefined);
    encodePublish(out, 5, 't', payload, 0, false, false, 0, undefined);
    const chunks = out.take();
    expect(chunks).toHaveLength(3);
    expect(chunks[1]).toBe(large);
    expect(decoded(chunks)).toMatchObject([{ payload: large }, { payload }]);
  });

  it('keeps its head together at the end of a block if the payload goes by reference', () => {
    const large = new Uint8Array(5000);
    for (let blockSize = 1; blockSize < 60; blockSize++) {
      const out = new WriteBuffer(blockSize);
      const topics = ['one', 'two', 'three', 'four'];
      for (const topic of topics) encodePublish(out, 5, topic, large, 1, false, false, 7, { contentType: 'text' });
      const packets = decoded([Buffer.concat(out.take())]);
      expect(packets.map((packet) => packet.cmd === 'publish' && packet.topic)).toEqual(topics);
    }
  });

  it.each(['', 'a/+', '#', 'a\0', '\ud800', 'x'.repeat(65_536)])(
    'is refused for an invalid topic, with nothing written',
    (topic) => {
      const out = new WriteBuffer();
      const publish = (): void => encodePublish(out, 5, topic, payload, 0, false, false, 0, undefined);
      expect(thrownBy(publish)).toMatchObject({ code: 'INVALID_TOPIC' });
      expect(publish).toThrow(MqttError);
      expect(out.length).toBe(0);
    },
  );

  it('is refused with an empty topic before MQTT 5, alias or not', () => {
    expect(thrownBy(() => published(4, 0, { topic: '', alias: 1 }))).toMatchObject({ code: 'INVALID_TOPIC' });
  });

  it.each([0, 65_536, 1.5, Number.NaN])('is refused at QoS 1 with packet identifier %d', (packetId) => {
    const out = new WriteBuffer();
    expect(() => encodePublish(out, 5, 't', payload, 1, false, false, packetId, undefined)).toThrow(MqttError);
    expect(out.length).toBe(0);
  });

  it('is refused above the largest remaining length of MQTT', () => {
    const out = new WriteBuffer();
    const huge = new Uint8Array(268_435_455);
    expect(thrownBy(() => encodePublish(out, 4, 't', huge, 0, false, false, 0, undefined))).toMatchObject({
      code: 'PACKET_TOO_LARGE',
    });
    expect(out.length).toBe(0);
    // The size itself is told, so that a limit can refuse the one message.
    expect(publishSize(4, 't', huge, 0, undefined)).toBe(5 + 3 + huge.length);
  });

  it('has the size that publishSize returns', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VERSIONS),
        topicName,
        fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(new Uint8Array(16_370), new Uint8Array(70_000))),
        qosLevel,
        propertiesOf('publish'),
        (version, topic, body, qos, properties) => {
          const packet = new PublishPacket(topic, body, qos, false, false, qos === 0 ? 0 : 1, properties);
          expect(publishSize(version, topic, body, qos, properties)).toBe(encoded(packet, version).length);
        },
      ),
    );
  });
});

describe('acknowledgements', () => {
  const ack = (
    ...[version, cmd, code, properties]: [ProtocolVersion, 'puback' | 'pubrel', number, object?]
  ): string => {
    const out = new WriteBuffer();
    encodeAck(out, version, cmd, 0x1234, code, properties);
    return toHex(Buffer.concat(out.take()));
  };

  it('take four bytes for success, five for another code, and more only for properties', () => {
    expect(ack(4, 'puback', 0)).toBe('40021234');
    expect(ack(5, 'puback', 0)).toBe('40021234');
    expect(ack(5, 'puback', 0, {})).toBe('40021234');
    expect(ack(5, 'pubrel', 0x92)).toBe('6203123492');
    expect(ack(5, 'puback', 0, { reasonString: 'x' })).toBe('4008123400041f000178');
  });

  it('have no reason code before MQTT 5', () => {
    expect(ack(4, 'puback', 0x87, { reasonString: 'x' })).toBe('40021234');
  });

  it('are refused with packet identifier 0, with nothing written', () => {
    const out = new WriteBuffer();
    expect(() => encodeAck(out, 5, 'puback', 0, 0)).toThrow(MqttError);
    expect(out.length).toBe(0);
  });
});

describe('the other packets', () => {
  const written: [string, Packet, ProtocolVersion, string][] = [
    ['CONNECT of 3.1 says MQIsdp', { ...connect, protocolVersion: 3 }, 3, '100f 0006 4d5149736470 03 02 003c 0001 63'],
    ['CONNECT of 3.1.1', { ...connect, protocolVersion: 4 }, 4, '100d 0004 4d515454 04 02 003c 0001 63'],
    ['CONNECT of MQTT 5 has a property length', connect, 5, '100e 0004 4d515454 05 02 003c 00 0001 63'],
    ['CONNECT is written in the version that it announces', connect, 4, '100e 0004 4d515454 05 02 003c 00 0001 63'],
    [
      '[v5 MQTT-3.1.2-9] CONNECT with a will has will properties, and a payload even if it is empty',
      { ...connect, will: { topic: 'w', payload: new Uint8Array(0), qos: 1, retain: true } },
      5,
      '1014 0004 4d515454 05 2e 003c 00 0001 63 00 0001 77 0000',
    ],
    [
      '[v5 MQTT-3.1.2-19] CONNECT with a password alone',
      { ...connect, password: payload },
      5,
      '1012 0004 4d515454 05 42 003c 00 0001 63 0002 0102',
    ],
    [
      '[v5 MQTT-3.1.2-17] CONNECT with an empty user name',
      { ...connect, username: '' },
      5,
      '1010 0004 4d515454 05 82 003c 00 0001 63 0000',
    ],
    [
      'CONNECT of MQTT 5 with neither client identifier nor clean start',
      { ...connect, clientId: '', clean: false },
      5,
      '100d 0004 4d515454 05 00 003c 00 0000',
    ],
    [
      'CONNECT with properties, a will with properties, user name and password',
      {
        ...connect,
        properties: { receiveMaximum: 5 },
        username: 'u',
        password: payload,
        will: { topic: 'w', payload, qos: 0, retain: false, properties: { willDelayInterval: 9 } },
      },
      5,
      '1025 0004 4d515454 05 c6 003c 03 21 0005 0001 63 05 18 00000009 0001 77 0002 0102 0001 75 0002 0102',
    ],
    ['DISCONNECT is two bytes for a plain goodbye', { cmd: 'disconnect', reasonCode: 0 }, 5, 'e000'],
    ['DISCONNECT of 3.1.1 is two bytes in any case', { cmd: 'disconnect', reasonCode: 0x81 }, 4, 'e000'],
    ['DISCONNECT with a reason', { cmd: 'disconnect', reasonCode: 0x81 }, 5, 'e002 81 00'],
    ['PINGREQ', { cmd: 'pingreq' }, 5, 'c000'],
    ['PINGRESP', { cmd: 'pingresp' }, 4, 'd000'],
    ['UNSUBACK of 3.1.1 has no codes', { cmd: 'unsuback', packetId: 1, reasonCodes: [] }, 4, 'b002 0001'],
    ['CONNACK of 3.1.1', { cmd: 'connack', sessionPresent: true, reasonCode: 0 }, 4, '2002 0100'],
    ['CONNACK of 3.1 has no session present', { cmd: 'connack', sessionPresent: true, reasonCode: 0 }, 3, '2002 0000'],
    [
      '[v4 MQTT-3.8.3-4] SUBSCRIBE of 3.1.1 has the QoS alone in its options',
      {
        cmd: 'subscribe',
        packetId: 1,
        subscriptions: [{ filter: 'a', qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 }],
      },
      4,
      '8206 0001 0001 61 01',
    ],
  ];
  it.each(written)('%s', (_, packet, version, bytes) => {
    expect(toHex(encoded(packet, version))).toBe(toHex(hex(bytes)));
  });

  const big = 'x'.repeat(65_536);
  const refused: [string, Packet, ProtocolVersion][] = [
    ['a client identifier with a lone surrogate', { ...connect, clientId: '\ud800' }, 5],
    ['a client identifier above 65535 bytes', { ...connect, clientId: big }, 5],
    [
      'no client identifier without a clean session on 3.1.1',
      { ...connect, protocolVersion: 4, clientId: '', clean: false },
      4,
    ],
    ['no client identifier on 3.1', { ...connect, protocolVersion: 3, clientId: '' }, 3],
    ['a password alone on 3.1.1', { ...connect, protocolVersion: 4, password: payload }, 4],
    ['a password above 65535 bytes', { ...connect, password: new Uint8Array(65_536) }, 5],
    ['a user name with U+0000', { ...connect, username: 'a\0' }, 5],
    ['a keep-alive above 65535', { ...connect, keepalive: 65_536 }, 5],
    ['a will topic with a wildcard', { ...connect, will: { topic: 'a/#', payload, qos: 0, retain: false } }, 5],
    ['an empty will topic', { ...connect, will: { topic: '', payload, qos: 0, retain: false } }, 5],
    ['will QoS 3', { ...connect, will: { topic: 'w', payload, qos: 3 as 2, retain: false } }, 5],
    [
      'a will property that is none',
      { ...connect, will: { topic: 'w', payload, qos: 0, retain: false, properties: { topicAlias: 1 } as object } },
      5,
    ],
    ['no subscription', { cmd: 'subscribe', packetId: 1, subscriptions: [] }, 5],
    ['an empty filter', { cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: '', qos: 0 }] }, 5],
    ['a filter with a lone surrogate', { cmd: 'unsubscribe', packetId: 1, filters: ['a/\udc00'] }, 4],
    ['SUBSCRIBE with QoS 3', { cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 'a', qos: 3 as 2 }] }, 5],
    [
      'retain handling 3',
      { cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 'a', qos: 0, retainHandling: 3 as 2 }] },
      5,
    ],
    ['no filter', { cmd: 'unsubscribe', packetId: 1, filters: [] }, 5],
    ['packet identifier 0', { cmd: 'unsubscribe', packetId: 0, filters: ['a'] }, 5],
    ['packet identifier 65536', { cmd: 'suback', packetId: 65_536, reasonCodes: [0] }, 5],
    ['no code in SUBACK', { cmd: 'suback', packetId: 1, reasonCodes: [] }, 5],
    ['no code in UNSUBACK', { cmd: 'unsuback', packetId: 1, reasonCodes: [] }, 5],
    ['a code that is no byte', { cmd: 'disconnect', reasonCode: 256 }, 5],
    ['AUTH on 3.1.1', { cmd: 'auth', reasonCode: 0x18 }, 4],
    ['an unknown property', { cmd: 'disconnect', reasonCode: 0, properties: { colour: 'red' } as object }, 5],
    ['a property above 65535 bytes', { cmd: 'disconnect', reasonCode: 0, properties: { reasonString: big } }, 5],
    [
      'a property of another packet',
      { cmd: 'puback', packetId: 1, reasonCode: 0, properties: { topicAlias: 1 } as object },
      5,
    ],
  ];
  it.each(refused)('are refused for %s, with nothing written', (_, packet, version) => {
    const out = new WriteBuffer();
    expect(() => encodeAny(packet, out, version)).toThrow(MqttError);
    expect(out.length).toBe(0);
    expect(out.take()).toEqual([]);
  });

  it('do not reveal a credential in their error', () => {
    const secret: Packet = { ...connect, username: 'hunter2\0', password: Buffer.from('hunter2') };
    expect(thrownBy(() => encoded(secret, 5))).toMatchObject({ message: expect.not.stringContaining('hunter2') });
  });
});
