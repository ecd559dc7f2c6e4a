import fc from 'fast-check';
import { ProtocolError } from '../../src/errors.js';
import type { Packet, Properties, UserProperties } from '../../src/packet/packets.js';
import { checkProperties } from '../../src/packet/check-properties.js';
import { encode } from '../../src/packet/encode.js';
import {
  decodeProperties,
  encodeProperties,
  normalizeUserProperties,
  propertiesLength,
} from '../../src/packet/properties.js';
import { propertyTable, type PropertyCarrier } from '../../src/packet/property-table.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';
import { decoded, encoded, hex, plain, propertiesOf, toHex, thrownBy } from './support.js';

const carriers = [...new Set(propertyTable.flatMap(({ carriers: all }) => [...all]))];

describe('the property table', () => {
  it('has the 27 properties of MQTT 5, each with its own identifier and name', () => {
    expect(propertyTable).toHaveLength(27);
    expect(new Set(propertyTable.map(({ id }) => id)).size).toBe(27);
    expect(new Set(propertyTable.map(({ name }) => name)).size).toBe(27);
  });

  it('allows user properties everywhere, except in PINGREQ and PINGRESP, which carry nothing', () => {
    expect(carriers.sort()).toEqual(
      ['auth', 'connack', 'connect', 'disconnect', 'puback', 'pubcomp', 'publish', 'pubrec', 'pubrel']
        .concat(['suback', 'subscribe', 'unsuback', 'unsubscribe', 'will'])
        .sort(),
    );
    const pairs = propertyTable.find(({ name }) => name === 'userProperties');
    expect([...pairs!.carriers].sort()).toEqual(carriers);
  });
});

describe.each(carriers)('properties of %s', (carrier) => {
  it('survive a round trip, have the announced length, and pass the check of user input', () => {
    fc.assert(
      fc.property(propertiesOf(carrier), (generated) => {
        const properties = generated ?? {};
        const bytes = encodeProperties(properties);
        const length = propertiesLength(properties);
        expect(bytes.length - length).toBe(length < 0x80 ? 1 : 2);
        expect(plain(decodeProperties(bytes, bytes.length - length, bytes.length, carrier))).toEqual(plain(properties));
        expect(checkProperties(properties, carrier)).toBeUndefined();
      }),
    );
  });

  it('never read past their end, wherever they are cut', () => {
    fc.assert(
      fc.property(propertiesOf(carrier), fc.nat(), (generated, cut) => {
        const properties = generated ?? {};
        const length = propertiesLength(properties);
        const bytes = encodeProperties(properties).subarray(-length || undefined);
        const end = cut % (length + 1);
        try {
          expect(propertiesLength(decodeProperties(bytes, 0, end, carrier))).toBe(end);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});

describe('[v5 MQTT-3.3.2-18] user properties a, b, a', () => {
  const userProperties: UserProperties = [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
    ['1', '4'],
    ['a', ''],
    ['__proto__', '5'],
  ];
  const properties = { userProperties };
  const byClient: Packet[] = [
    {
      cmd: 'connect',
      protocolVersion: 5,
      clientId: '',
      clean: true,
      keepalive: 0,
      properties,
      will: { topic: 'w', payload: hex(''), qos: 0, retain: false, properties },
    },
    new PublishPacket('t', hex('01'), 2, false, false, 1, properties),
    { cmd: 'puback', packetId: 1, reasonCode: 0, properties },
    { cmd: 'pubrec', packetId: 1, reasonCode: 0, properties },
    { cmd: 'pubrel', packetId: 1, reasonCode: 0, properties },
    { cmd: 'pubcomp', packetId: 1, reasonCode: 0, properties },
    { cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 'a', qos: 0 }], properties },
    { cmd: 'unsubscribe', packetId: 1, filters: ['a'], properties },
    { cmd: 'disconnect', reasonCode: 0, properties },
    { cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'm', ...properties } },
  ];
  const byServer: Packet[] = [
    { cmd: 'connack', sessionPresent: false, reasonCode: 0, properties },
    { cmd: 'suback', packetId: 1, reasonCodes: [0], properties },
    { cmd: 'unsuback', packetId: 1, reasonCodes: [0], properties },
  ];

  it.each(byClient)('keep their order in $cmd', (packet) => {
    const [read] = decoded([encoded(packet, 5)], { receiver: 'server' });
    expect(read).toMatchObject({ cmd: packet.cmd, properties });
    if (read?.cmd === 'connect') expect(read.will?.properties).toEqual(properties);
  });

  it.each(byServer)('keep their order in $cmd', (packet) => {
    expect(decoded([encoded(packet, 5)])).toMatchObject([{ cmd: packet.cmd, properties }]);
  });

  it('may be a record, whose lists become pairs', () => {
    expect(normalizeUserProperties({ a: ['1', '3'], b: '2' })).toEqual([
      ['a', '1'],
      ['a', '3'],
      ['b', '2'],
    ]);
    expect(normalizeUserProperties(userProperties)).toBe(userProperties);
  });
});

describe('the encoding of properties', () => {
  it('[v5 MQTT-2.2.2-1] is one zero byte for none', () => {
    expect(toHex(encodeProperties(undefined))).toBe('00');
    expect(toHex(encodeProperties({}))).toBe('00');
  });

  it('omits undefined properties', () => {
    const properties = { contentType: undefined, topicAlias: 1 } as unknown as Properties;
    expect(toHex(encodeProperties(properties))).toBe('03230001');
  });

  it.each([
    [127, '7f'],
    [128, '8001'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
    [2_097_151, 'ffff7f'],
    [2_097_152, '80808001'],
    [268_435_455, 'ffffff7f'],
  ])('[v5 MQTT-1.5.5-1] writes %d in the fewest bytes', (subscriptionIdentifier, bytes) => {
    expect(toHex(encodeProperties({ subscriptionIdentifier })).slice(2)).toBe(`0b${bytes}`);
  });

  it('refuses a string whose length does not fit into 16 bits', () => {
    const out = new WriteBuffer();
    const properties = { reasonString: 'x'.repeat(65_536) };
    expect(thrownBy(() => encodeProperties(properties))).toMatchObject({ code: 'INVALID_PROPERTY' });
    const packet = { cmd: 'disconnect', reasonCode: 0, properties } as const;
    expect(thrownBy(() => encode(packet, out, 5))).toMatchObject({ code: 'INVALID_PROPERTY' });
    expect(out.length).toBe(0);
  });
});

describe('the check of user input', () => {
  const big = 'x'.repeat(65_536);
  const wrong: [PropertyCarrier, string, unknown, RegExp][] = [
    ['publish', 'colour', 'red', /"colour" is unknown/],
    ['publish', 'toString', 'red', /"toString" is unknown/],
    ['publish', 'receiveMaximum', 1, /receiveMaximum is not allowed in PUBLISH/],
    ['will', 'topicAlias', 1, /topicAlias is not allowed in WILL/],
    ['publish', 'payloadFormatIndicator', 1, /true or false/],
    ['publish', 'messageExpiryInterval', -1, /from 0 to 4294967295/],
    ['publish', 'messageExpiryInterval', 1.5, /whole number/],
    ['publish', 'messageExpiryInterval', '1', /whole number/],
    ['publish', 'messageExpiryInterval', 2 ** 32, /whole number/],
    ['publish', 'topicAlias', 0, /from 1 to 65535/],
    ['publish', 'topicAlias', 65_536, /from 1 to 65535/],
    ['publish', 'subscriptionIdentifier', 0, /from 1 to 268435455/],
    ['publish', 'subscriptionIdentifier', [1, 0], /from 1 to 268435455/],
    ['subscribe', 'subscriptionIdentifier', [1, 2], /one number in SUBSCRIBE/],
    ['connack', 'maximumQoS', 2, /0 or 1/],
    ['connect', 'receiveMaximum', 0, /from 1/],
    ['connect', 'maximumPacketSize', 0, /from 1/],
    ['publish', 'contentType', 7, /is not a string/],
    ['publish', 'contentType', '\ud800', /surrogate/],
    ['publish', 'contentType', 'a\0', /U\+0000/],
    ['publish', 'contentType', big, /65536 bytes/],
    ['publish', 'responseTopic', 'a/+', /wildcards/],
    ['publish', 'responseTopic', '', /empty/],
    ['publish', 'correlationData', 'text', /Uint8Array/],
    ['publish', 'correlationData', new Uint8Array(65_536), /65536 bytes/],
    ['publish', 'userProperties', { a: 'b' }, /pairs/],
    ['publish', 'userProperties', ['ab'], /pairs/],
    ['publish', 'userProperties', [['a']], /pairs/],
    ['publish', 'userProperties', [['a', 1]], /is not a string/],
    ['publish', 'userProperties', [['\udc00', 'b']], /surrogate/],
    ['connect', 'authenticationData', new Uint8Array(1), /needs authenticationMethod/],
  ];
  it.each(wrong)('%s %s', (carrier, name, value, problem) => {
    const found = checkProperties({ [name]: value }, carrier);
    expect(found).toMatch(problem);
    expect(found).toContain(name);
  });

  it('treats undefined as absent', () => {
    expect(checkProperties({ contentType: undefined } as unknown as Properties, 'publish')).toBeUndefined();
  });
});
