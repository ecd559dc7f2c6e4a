import type { Side } from '../../src/packet/fixed-header.js';
import type { Packet } from '../../src/packet/packets.js';
import { encoded, frame, hex, verdict, VERSIONS } from './support.js';

const MALFORMED = 0x81;
const VIOLATION = 0x82;
const TOO_LARGE = 0x95;
const ALIAS_INVALID = 0x94;

/** What a version makes of the bytes: a reason code, 'ok', or '-' where the version has no such bytes. */
type Outcome = number | 'ok' | '-';

interface Row {
  readonly row: string;
  readonly title: string;
  readonly bytes: string;
  readonly v5: Outcome;
  /** Also of 3.1 unless `v3` says otherwise. */
  readonly v4: Outcome;
  readonly v3?: Outcome;
  readonly receiver?: Side;
}

const row = (id: string, title: string, bytes: string, v5: Outcome, v4: Outcome, more: Partial<Row> = {}): Row => ({
  row: id,
  title,
  bytes,
  v5,
  v4,
  ...more,
});
const toServer = { receiver: 'server' } as const;

/** A PUBLISH of MQTT 5 on topic `t` with these properties. */
const published = (properties: string): string => {
  const body = hex(properties);
  return Buffer.from(frame(0x30, Buffer.concat([hex('0001 74'), Uint8Array.of(body.length), body]))).toString('hex');
};
/** A CONNACK of MQTT 5 that accepts, with these properties. */
const accepted = (properties: string): string => {
  const body = hex(properties);
  return Buffer.from(frame(0x20, Buffer.concat([hex('00 00'), Uint8Array.of(body.length), body]))).toString('hex');
};
/** A CONNECT of MQTT 5 without anything, but for its properties. */
const connecting = (properties: string): string => {
  const body = hex(properties);
  const head = hex('0004 4d515454 05 02 0000');
  return Buffer.from(frame(0x10, Buffer.concat([head, Uint8Array.of(body.length), body, hex('0000')]))).toString('hex');
};

const CONNECT_4 = '100c 0004 4d515454 04 02 003c 0000';
const USER_PROPERTY = '26 0001 61 0001 62';

const rows: Row[] = [
  row('1', 'packet type 0', '0000', MALFORMED, MALFORMED),
  row('2', 'AUTH before MQTT 5', 'f000', 'ok', MALFORMED),
  row('3', 'CONNECT to a client', CONNECT_4, VIOLATION, VIOLATION),
  row('3', 'SUBSCRIBE to a client', '8206 0001 0001 61 00', VIOLATION, VIOLATION),
  row('3', 'UNSUBSCRIBE to a client', 'a205 0001 0001 61', VIOLATION, VIOLATION),
  row('3', 'PINGREQ to a client', 'c000', VIOLATION, VIOLATION),
  row('3', 'DISCONNECT to a client', 'e000', 'ok', VIOLATION),
  row('3', 'CONNACK to a server', '2002 0000', VIOLATION, VIOLATION, toServer),
  row('3', 'SUBACK to a server', '9003 0001 00', VIOLATION, VIOLATION, toServer),
  row('3', 'UNSUBACK to a server', 'b002 0001', VIOLATION, VIOLATION, toServer),
  row('3', 'PINGRESP to a server', 'd000', VIOLATION, VIOLATION, toServer),
  row('4', 'CONNACK with flags', '2102 0000', MALFORMED, MALFORMED),
  row('4', 'PUBACK with flags', '4102 0001', MALFORMED, MALFORMED),
  row('4', 'PUBREC with flags', '5802 0001', MALFORMED, MALFORMED),
  row('4', 'PUBREL without its flags', '6002 0001', MALFORMED, MALFORMED),
  row('4', 'PUBREL with DUP, as 3.1 resends it', '6a02 0001', MALFORMED, MALFORMED, { v3: 'ok' }),
  row('4', 'PUBCOMP with flags', '7202 0001', MALFORMED, MALFORMED),
  row('4', 'SUBACK with flags', '9203 0001 00', MALFORMED, MALFORMED),
  row('4', 'UNSUBACK with flags', 'b202 0001', MALFORMED, MALFORMED),
  row('4', 'PINGRESP with flags', 'd100', MALFORMED, MALFORMED),
  row('4', 'SUBSCRIBE without its flags', '8006 0001 0001 61 00', MALFORMED, MALFORMED, toServer),
  row('4', 'UNSUBSCRIBE without its flags', 'a005 0001 0001 61', MALFORMED, MALFORMED, toServer),
  row('5', 'DISCONNECT with flags', 'e100', MALFORMED, MALFORMED, { ...toServer, v3: 'ok' }),
  row('6', 'AUTH with flags', 'f100', MALFORMED, MALFORMED),
  row('7', 'remaining length of five bytes', '30 ff ff ff ff 01', MALFORMED, MALFORMED),
  row('8', 'remaining length 0 in two bytes', 'd0 80 00', MALFORMED, 'ok'),
  row('8', 'remaining length 2 in three bytes', '40 82 80 00 0001', MALFORMED, 'ok'),
  row('8', 'property length in two bytes', '30 05 0001 74 80 00', MALFORMED, '-'),
  row('8', 'subscription identifier 1 in two bytes', published('0b 81 00'), MALFORMED, '-'),
  row('9', 'larger than the maximum packet size, from the header alone', '30 e9 07', TOO_LARGE, TOO_LARGE),
  row('10', 'PUBLISH without a topic', '3000', MALFORMED, MALFORMED),
  row('10', 'PUBLISH with a topic that runs past its end', '3003 0002 74', MALFORMED, MALFORMED),
  row('10', 'PUBLISH that ends within its packet identifier', '3204 0001 74 00', MALFORMED, MALFORMED),
  row('10', 'PUBLISH of MQTT 5 without a property length', '3003 0001 74', MALFORMED, 'ok'),
  row('10', 'CONNACK without a body', '2000', MALFORMED, MALFORMED),
  row('10', 'CONNACK of one byte', '2001 00', MALFORMED, MALFORMED),
  row('10', 'CONNACK of MQTT 5 without a property length', '2002 0000', MALFORMED, 'ok'),
  row('10', 'PUBACK without a body', '4000', MALFORMED, MALFORMED),
  row('10', 'PUBACK of one byte, with another packet behind it', '4001 00 d000', MALFORMED, MALFORMED),
  row('10', 'SUBACK of one byte', '9001 00', MALFORMED, MALFORMED),
  row('10', 'UNSUBACK of one byte', 'b001 00', MALFORMED, MALFORMED),
  row('10', 'SUBSCRIBE that ends within a filter', '8205 0001 0002 61', MALFORMED, MALFORMED, toServer),
  row('10', 'SUBSCRIBE without options', '8205 0001 0001 61', MALFORMED, MALFORMED, toServer),
  row('10', 'UNSUBSCRIBE that ends within a filter', 'a205 0001 0002 61', MALFORMED, MALFORMED, toServer),
  row(
    '10',
    'CONNECT that ends within its client identifier',
    '100c 0004 4d515454 04 02 003c 0001',
    MALFORMED,
    MALFORMED,
    toServer,
  ),
  row('11', 'PUBACK with bytes behind its properties', '4005 0001 00 00 00', MALFORMED, MALFORMED),
  row('11', 'CONNACK with bytes after its last field', '2004 0000 00 00', MALFORMED, MALFORMED),
  row('11', 'PINGRESP with a body', 'd001 00', MALFORMED, MALFORMED),
  row('11', 'PINGREQ with a body', 'c001 00', MALFORMED, MALFORMED, toServer),
  row(
    '11',
    'CONNECT with bytes after its last field',
    '100d 0004 4d515454 04 02 003c 0000 00',
    MALFORMED,
    MALFORMED,
    toServer,
  ),
  row('11', 'DISCONNECT with bytes behind its properties', 'e003 00 00 00', MALFORMED, MALFORMED, toServer),
  row('15', 'a surrogate in a topic', '3006 0003 eda080 00', MALFORMED, MALFORMED),
  row('15', 'an overlong form in a topic', '3005 0002 c080 00', MALFORMED, MALFORMED),
  row('15', 'a surrogate in a reason string', '4009 0001 00 05 1f 0002 eda0', MALFORMED, '-'),
  row('15', 'a surrogate in a filter', '8208 0001 0003 eda080 00', MALFORMED, MALFORMED, toServer),
  row(
    '15',
    'ill-formed UTF-8 in a client identifier',
    '100d 0004 4d515454 04 02 003c 0001 ff',
    MALFORMED,
    MALFORMED,
    toServer,
  ),
  row('16', 'U+0000 in a topic', '3006 0003 610062 00', MALFORMED, MALFORMED),
  row('16', 'U+0000 in a user property', published('26 0001 00 0001 62'), MALFORMED, '-'),
  row('16', 'U+0000 in a client identifier', '100d 0004 4d515454 04 02 003c 0001 00', MALFORMED, MALFORMED, toServer),
  row('17', 'control characters in a topic', '3005 0002 017f 00', 'ok', 'ok'),
  row('18', 'a byte order mark in a topic', '3007 0004 efbbbf61 00', 'ok', 'ok'),
  row('19', 'property length past the end of the packet', '3006 0001 74 05 0100', MALFORMED, '-'),
  row('19', 'properties that end within a property', '3006 0001 74 01 02 00', MALFORMED, '-'),
  row('19', 'a string that runs past the properties into the payload', '3008 0001 74 03 03 0001 61', MALFORMED, '-'),
  row('20', 'unknown property 0x7f', published('7f 00'), MALFORMED, '-'),
  row('20', 'unknown property 0', published('00'), MALFORMED, '-'),
  row('21', 'receive maximum in PUBLISH', published('21 0001'), MALFORMED, '-'),
  row('21', 'topic alias in CONNACK', accepted('23 0001'), MALFORMED, '-'),
  row('21', 'reason string in CONNECT', connecting('1f 0001 61'), MALFORMED, MALFORMED, toServer),
  row('22', 'content type twice', published('03 0001 61 03 0001 61'), VIOLATION, '-'),
  row('22', 'message expiry 0 twice', published('02 00000000 02 00000000'), VIOLATION, '-'),
  row('22', 'user property twice', published(USER_PROPERTY + USER_PROPERTY), 'ok', '-'),
  row('22', 'subscription identifier twice in PUBLISH', published('0b 01 0b 02'), 'ok', '-'),
  row(
    '22',
    'subscription identifier twice in SUBSCRIBE',
    '820b 0001 04 0b01 0b02 0001 61 00',
    VIOLATION,
    '-',
    toServer,
  ),
  row('23', 'maximum QoS 3', accepted('24 03'), VIOLATION, '-'),
  row('23', 'retain available 2', accepted('25 02'), VIOLATION, '-'),
  row('23', 'wildcard subscription available 2', accepted('28 02'), VIOLATION, '-'),
  row('23', 'subscription identifiers available 2', accepted('29 02'), VIOLATION, '-'),
  row('23', 'shared subscription available 2', accepted('2a 02'), VIOLATION, '-'),
  row('23', 'request problem information 2', connecting('17 02'), VIOLATION, VIOLATION, toServer),
  row('23', 'request response information 2', connecting('19 02'), VIOLATION, VIOLATION, toServer),
  row('24', 'payload format indicator 2', published('01 02'), MALFORMED, '-'),
  row('25', 'receive maximum 0', accepted('21 0000'), VIOLATION, '-'),
  row('25', 'receive maximum 0 in CONNECT', connecting('21 0000'), VIOLATION, VIOLATION, toServer),
  row('26', 'maximum packet size 0', accepted('27 00000000'), VIOLATION, '-'),
  row('27', 'subscription identifier 0', published('0b 00'), VIOLATION, '-'),
  row('27', 'subscription identifier 0 in SUBSCRIBE', '8209 0001 02 0b00 0001 61 00', VIOLATION, '-', toServer),
  row('27', 'subscription identifier in PUBLISH of a client', published('0b 01'), VIOLATION, '-', toServer),
  row('31', 'session expiry interval in DISCONNECT of a server', 'e007 00 05 11 00000001', VIOLATION, '-'),
  row('31', 'session expiry interval in DISCONNECT of a client', 'e007 00 05 11 00000001', 'ok', '-', toServer),
  row('32', 'authentication data without a method in CONNACK', accepted('16 0001 61'), VIOLATION, '-'),
  row(
    '32',
    'authentication data without a method in CONNECT',
    connecting('16 0001 61'),
    VIOLATION,
    VIOLATION,
    toServer,
  ),
  row('36', 'CONNACK with reserved flags', '2003 02 00 00', MALFORMED, '-'),
  row('36', 'CONNACK of two bytes with reserved flags', '2002 02 00', MALFORMED, MALFORMED, { v3: 'ok' }),
  row('37', 'CONNACK with session present and a refusal', '2003 01 87 00', VIOLATION, '-'),
  row('37', 'CONNACK of two bytes with session present and a refusal', '2002 01 05', VIOLATION, VIOLATION, {
    v3: 'ok',
  }),
  row('42', 'CONNACK with an unknown reason code', '2003 00 55 00', MALFORMED, '-'),
  row('42', 'CONNACK with return code 6', '2002 00 06', MALFORMED, MALFORMED),
  row('43', 'CONNACK with return code 1 and no properties', '2002 00 01', 'ok', 'ok'),
  row('48', 'PUBLISH with QoS 3', '3606 0001 74 0001 00', MALFORMED, MALFORMED),
  row('49', 'PUBLISH with DUP at QoS 0', '3804 0001 74 00', VIOLATION, VIOLATION, { v3: 'ok' }),
  row('50', 'PUBLISH with packet identifier 0', '3206 0001 74 0000 00', VIOLATION, VIOLATION),
  row('50', 'PUBACK with packet identifier 0', '4002 0000', VIOLATION, VIOLATION),
  row('50', 'PUBREL with packet identifier 0 and a reason code', '6203 0000 92', VIOLATION, VIOLATION),
  row('50', 'SUBACK with packet identifier 0', '9004 0000 00 00', VIOLATION, VIOLATION),
  row('50', 'SUBSCRIBE with packet identifier 0', '8207 0000 00 0001 61 00', VIOLATION, VIOLATION, toServer),
  row('50', 'UNSUBSCRIBE with packet identifier 0', 'a206 0000 00 0001 61', VIOLATION, VIOLATION, toServer),
  row('51', 'PUBLISH to a topic with +', '3006 0003 612f2b 00', MALFORMED, MALFORMED),
  row('51', 'PUBLISH to a topic with #', '3004 0001 23 00', MALFORMED, MALFORMED),
  row('51', 'a will topic with #', '1010 0004 4d515454 04 06 003c 0000 0001 23 0000', MALFORMED, MALFORMED, toServer),
  row('52', 'PUBLISH with an empty topic and no alias', '3003 0000 00', VIOLATION, VIOLATION),
  row('53', 'topic alias 0', published('23 0000'), ALIAS_INVALID, '-'),
  row('54', 'an empty topic with an alias', '3006 0000 03 23 0001', 'ok', VIOLATION),
  row('57', 'response topic with +', published('08 0001 2b'), VIOLATION, '-'),
  row('63', 'PUBLISH with RETAIN and no payload', '3104 0001 74 00', 'ok', 'ok'),
  row('72', 'PUBACK with the unknown reason code 1', '4003 0001 01', VIOLATION, MALFORMED),
  row('72', 'PUBREC with 0x92', '5003 0001 92', VIOLATION, MALFORMED),
  row('72', 'PUBREL with 0x80', '6203 0001 80', VIOLATION, MALFORMED),
  row('72', 'PUBCOMP with 0x10', '7003 0001 10', VIOLATION, MALFORMED),
  row('72', 'PUBACK of a client with "no matching subscribers"', '4003 0001 10', VIOLATION, MALFORMED, toServer),
  row('73', 'PUBACK of two bytes', '4002 0001', 'ok', 'ok'),
  row('73', 'PUBACK of three bytes', '4003 0001 10', 'ok', MALFORMED),
  row('73', 'PUBACK with an empty property length', '4004 0001 10 00', 'ok', MALFORMED),
  row('74', 'PUBCOMP with 0x92', '7003 0001 92', 'ok', MALFORMED),
  row('77', 'SUBACK without codes', '9003 0001 00', VIOLATION, '-'),
  row('77', 'SUBACK of two bytes', '9002 0001', MALFORMED, VIOLATION),
  row('77', 'UNSUBACK without codes', 'b003 0001 00', VIOLATION, MALFORMED),
  row('77', 'SUBSCRIBE without filters', '8203 0001 00', VIOLATION, MALFORMED, toServer),
  row('77', 'UNSUBSCRIBE without filters', 'a203 0001 00', VIOLATION, MALFORMED, toServer),
  row('78', 'SUBACK with code 3', '9004 0001 00 03', VIOLATION, VIOLATION),
  row('78', 'SUBACK of 3.1.1 with 0x87', '9003 0001 87', MALFORMED, VIOLATION),
  row('78', 'UNSUBACK with code 1', 'b004 0001 00 01', VIOLATION, MALFORMED),
  row('79', 'UNSUBACK of 3.1.1 with a payload', 'b003 0001 00', VIOLATION, MALFORMED),
  row('84', 'DISCONNECT of a server with an unknown code', 'e001 55', 'ok', VIOLATION),
  row('84', 'DISCONNECT of a server with 0x04', 'e002 04 00', 'ok', VIOLATION),
  row('84', 'DISCONNECT of a client with "server busy"', 'e001 89', VIOLATION, MALFORMED, toServer),
  row('85', 'DISCONNECT of one byte', 'e001 81', 'ok', MALFORMED, toServer),
  row('88', 'AUTH without a method', 'f002 18 00', VIOLATION, MALFORMED),
  row('89', 'AUTH of a server with "re-authenticate"', 'f006 19 04 15 0001 61', VIOLATION, MALFORMED),
  row('89', 'AUTH of a client with "success"', 'f006 00 04 15 0001 61', VIOLATION, MALFORMED, toServer),
  row('91', 'AUTH with an unknown code', 'f006 55 04 15 0001 61', VIOLATION, MALFORMED),
  row('3.1.2-1', 'CONNECT with another protocol name', '100c 0004 4d515458 04 02 003c 0000', 0x84, 0x84, toServer),
  row('3.1.2-2', 'CONNECT with version 6', '100c 0004 4d515454 06 02 003c 0000', 0x84, 0x84, toServer),
  row(
    '3.1.2-2',
    'CONNECT with version 3 and the name MQTT',
    '100c 0004 4d515454 03 02 003c 0000',
    0x84,
    0x84,
    toServer,
  ),
  row(
    '3.1.2-3',
    'CONNECT with its reserved flag',
    '100c 0004 4d515454 04 03 003c 0000',
    MALFORMED,
    MALFORMED,
    toServer,
  ),
  row(
    '3.1.2-11',
    'CONNECT with will QoS and no will',
    '100c 0004 4d515454 04 0a 003c 0000',
    MALFORMED,
    MALFORMED,
    toServer,
  ),
  row(
    '3.1.2-12',
    'CONNECT with will QoS 3',
    '1010 0004 4d515454 04 1e 003c 0000 0001 74 0000',
    MALFORMED,
    MALFORMED,
    toServer,
  ),
  row(
    '3.1.2-13',
    'CONNECT with will retain and no will',
    '100c 0004 4d515454 04 22 003c 0000',
    MALFORMED,
    MALFORMED,
    toServer,
  ),
  row(
    '3.1.2-22',
    'CONNECT of 3.1.1 with a password alone',
    '100e 0004 4d515454 04 42 003c 0000 0000',
    MALFORMED,
    MALFORMED,
    toServer,
  ),
  row(
    '3.8.3-4',
    'SUBSCRIBE with no local on a shared subscription',
    '820f 0001 00 0009 247368617265 2f 67 2f 04',
    VIOLATION,
    '-',
    toServer,
  ),
  row('3.8.3-5', 'SUBSCRIBE with reserved option bits', '8207 0001 00 0001 61 40', MALFORMED, '-', toServer),
  row('3.8.3-5', 'SUBSCRIBE of 3.1.1 with option bits', '8206 0001 0001 61 04', MALFORMED, MALFORMED, {
    ...toServer,
    v3: 'ok',
  }),
  row('3.8.3', 'SUBSCRIBE with QoS 3', '8207 0001 00 0001 61 03', VIOLATION, '-', toServer),
  row('3.8.3', 'SUBSCRIBE of 3.1.1 with QoS 3', '8206 0001 0001 61 03', MALFORMED, MALFORMED, toServer),
  row('3.8.3', 'SUBSCRIBE with retain handling 3', '8207 0001 00 0001 61 30', VIOLATION, '-', toServer),
];

const cases = rows
  .flatMap(({ row: id, title, bytes, v5, v4, v3 = v4, receiver = 'client' }) =>
    VERSIONS.map((version) => ({ id, title, bytes, version, receiver, expected: { 3: v3, 4: v4, 5: v5 }[version] })),
  )
  .filter(({ expected }) => expected !== '-');

describe('the malformed matrix', () => {
  it.each(cases)('[v$version row $id] $title, read by a $receiver: $expected', (entry) => {
    const { bytes, version, receiver, expected } = entry;
    const outcome = verdict(hex(bytes), { version, receiver, maximumPacketSize: 1000 });
    if (expected === 'ok') expect(outcome).toEqual([expect.objectContaining({ cmd: expect.any(String) })]);
    else expect(outcome).toBe(expected);
  });

  it("[v5 row 18] keeps a topic's byte order mark", () => {
    const [packet] = verdict(hex('3007 0004 efbbbf61 00'), {}) as Packet[];
    expect(packet).toMatchObject({ topic: '\ufeffa' });
  });

  it('[v5 row 43] reports the refusal of a 3.1.1 server as "unsupported protocol version"', () => {
    expect(verdict(hex('2002 00 01'), {})).toMatchObject([{ cmd: 'connack', sessionPresent: false, reasonCode: 0x84 }]);
  });

  it('[v5 row 84] reports the raw code of a DISCONNECT with an unknown code', () => {
    expect(verdict(hex('e001 55'), {})).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x55 }]);
  });

  it('[v5 rows 73, 85] reads an absent reason code as 0', () => {
    expect(verdict(hex('4002 0001'), {})).toMatchObject([{ cmd: 'puback', packetId: 1, reasonCode: 0 }]);
    expect(verdict(hex('e000'), {})).toMatchObject([{ cmd: 'disconnect', reasonCode: 0 }]);
    expect(verdict(hex('f000'), {})).toMatchObject([{ cmd: 'auth', reasonCode: 0 }]);
  });

  it.each([
    [
      'CONNECT with DUP, QoS and RETAIN',
      '1f0f 0006 4d5149736470 03 02 003c 0001 63',
      { cmd: 'connect', clientId: 'c' },
    ],
    ['CONNECT with its reserved flag', '100f 0006 4d5149736470 03 03 003c 0001 63', { clean: true, will: undefined }],
    ['CONNECT with will bits and no will', '100f 0006 4d5149736470 03 3a 003c 0001 63', { will: undefined }],
    [
      'CONNECT with a will',
      '1014 0006 4d5149736470 03 0f 003c 0001 63 0001 74 0000',
      { will: { topic: 't', payload: new Uint8Array(0), qos: 1, retain: false, properties: undefined } },
    ],
    ['PUBACK with flags', '4f02 0001', { cmd: 'puback', packetId: 1 }],
    ['PUBREC with DUP', '5802 0001', { cmd: 'pubrec', packetId: 1 }],
    ['PUBREL with DUP and RETAIN', '6b02 0001', { cmd: 'pubrel', packetId: 1 }],
    ['PUBCOMP with QoS', '7402 0001', { cmd: 'pubcomp', packetId: 1 }],
    ['SUBSCRIBE with RETAIN', '8306 0001 0001 61 01', { cmd: 'subscribe' }],
    [
      'SUBSCRIBE with bits beside the QoS',
      '820a 0001 0001 61 fd 0001 62 42',
      {
        subscriptions: [
          { filter: 'a', qos: 1 },
          { filter: 'b', qos: 2 },
        ],
      },
    ],
    ['UNSUBSCRIBE with DUP and RETAIN', 'ab05 0001 0001 61', { cmd: 'unsubscribe', filters: ['a'] }],
    ['PINGREQ with flags', 'cf00', { cmd: 'pingreq' }],
  ])('[v3] takes a %s, which MQTT 3.1 does not use, on a server', (_title, bytes, packet) => {
    const at = { version: 3, receiver: 'server' } as const;
    expect(verdict(hex(bytes), at)).toEqual([expect.objectContaining(packet)]);
  });

  it('[v3] still refuses what MQTT 3.1 uses', () => {
    const at = { version: 3, receiver: 'server' } as const;
    expect(verdict(hex('6002 0001'), at)).toBe(MALFORMED);
    expect(verdict(hex('8406 0001 0001 61 01'), at)).toBe(MALFORMED);
    expect(verdict(hex('8206 0001 0001 61 07'), at)).toBe(MALFORMED);
    expect(verdict(hex('1014 0006 4d5149736470 03 1e 003c 0001 63 0001 74 0000'), at)).toBe(MALFORMED);
  });

  it.each([
    [4, '100d 0004 4d515454 84 02 003c 0001 63'],
    [3, '100f 0006 4d5149736470 83 02 003c 0001 63'],
  ])('[v%i] takes the high bit of the version as the mark of a bridge, and writes it', (protocolVersion, bytes) => {
    const [packet] = verdict(hex(bytes), { version: 4, receiver: 'server' }) as Packet[];
    expect(packet).toMatchObject({ cmd: 'connect', protocolVersion, bridge: true, clientId: 'c' });
    expect(encoded(packet as Packet, protocolVersion as 3 | 4)).toEqual(hex(bytes));
  });

  it('[v5] knows no mark of a bridge', () => {
    const bytes = hex('100e 0004 4d515454 85 02 003c 00 0001 63');
    expect(verdict(bytes, { version: 4, receiver: 'server' })).toBe(0x84);
  });

  it('[v3] ignores session present and the DUP of a resend', () => {
    expect(verdict(hex('2002 01 00'), { version: 3 })).toMatchObject([{ sessionPresent: false, reasonCode: 0 }]);
    expect(verdict(hex('8a06 0001 0001 61 01'), { version: 3, receiver: 'server' })).toMatchObject([
      { cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 'a', qos: 1 }] },
    ]);
    expect(verdict(hex('aa05 0001 0001 61'), { version: 3, receiver: 'server' })).toMatchObject([
      { cmd: 'unsubscribe', filters: ['a'] },
    ]);
  });
});
