import type { ClientOptions, ProtocolVersion } from '../../src/index.js';

/** Where the client stands when the bytes come. Packet identifier 1 is the one of what it asked for. */
export type Setting =
  /** CONNECT was sent; the bytes are the first that the broker says. */
  | 'connecting'
  | 'connected'
  | 'subscribing'
  | 'unsubscribing'
  /** A message at QoS 1 is unacknowledged. */
  | 'published1'
  /** A message at QoS 2 is: no PUBREC yet. */
  | 'published2'
  /** PUBREL was sent. */
  | 'released';

/**
 * What the client does: a DISCONNECT with this code and close; close without a word; or stay, with these packets.
 * Undefined: the version has no such bytes.
 */
export type Reaction = number | 'close' | readonly string[] | undefined;

export interface Row {
  /** The row of the matrix. */
  readonly row: number;
  readonly title: string;
  readonly bytes: string | Readonly<Partial<Record<ProtocolVersion, string>>>;
  readonly v5: Reaction;
  readonly v4: Reaction;
  /** Default: as `v4`. */
  readonly v3?: Reaction;
  readonly setting?: Setting;
  readonly options?: Partial<ClientOptions>;
  /** The broker closes its side behind the bytes. */
  readonly hangsUp?: boolean;
  /** What the client still answers before it reacts. Default: nothing. */
  readonly answers?: readonly string[];
  /** What is delivered to the application. Default: nothing. */
  readonly delivers?: readonly string[];
}

const STAY: readonly string[] = [];
const only5 = (row: number, title: string, bytes: string, v5: Reaction, more: Partial<Row> = {}): Row => ({
  row,
  title,
  bytes,
  v5,
  v4: undefined,
  ...more,
});
const everywhere = (
  row: number,
  title: string,
  bytes: Row['bytes'],
  v5: Reaction,
  v4: Reaction,
  more: Partial<Row> = {},
): Row => ({ row, title, bytes, v5, v4, ...more });

/** A CONNACK of MQTT 5 that accepts, with these properties. */
const accepting = (properties: string): string => {
  const length = properties.replace(/\s/g, '').length / 2;
  const byte = (value: number): string => value.toString(16).padStart(2, '0');
  return `20 ${byte(length + 3)} 00 00 ${byte(length)} ${properties}`;
};
/** A PUBLISH of MQTT 5 to `t`, with these properties. */
const published = (properties: string): string => {
  const length = properties.replace(/\s/g, '').length / 2;
  const byte = (value: number): string => value.toString(16).padStart(2, '0');
  return `30 ${byte(length + 4)} 0001 74 ${byte(length)} ${properties}`;
};
const connecting = { setting: 'connecting' } as const;
const anonymous = { setting: 'connecting', options: { clientId: '' } } as const;
const offering = { auth: { method: 'PIN', start: () => undefined } };

/** PUBLISH to `t` in the shape of each version; `head` is first byte and, with QoS, the packet identifier in hex. */
const toT = (first: string, id = ''): Readonly<Record<ProtocolVersion, string>> => {
  const length = (id.length / 2 + 3).toString(16).padStart(2, '0');
  const longer = (id.length / 2 + 4).toString(16).padStart(2, '0');
  const old = `${first} ${length} 0001 74 ${id}`;
  return { 3: old, 4: old, 5: `${first} ${longer} 0001 74 ${id} 00` };
};

/** The 92 inbound conditions, as a client over a line of bytes meets them. */
export const rows: readonly Row[] = [
  everywhere(1, 'packet type 0', '00 00', 0x81, 'close'),
  everywhere(2, 'AUTH before MQTT 5', { 3: 'f0 00', 4: 'f0 00' }, undefined, 'close'),
  everywhere(3, 'CONNECT', '10 0c 0004 4d515454 04 02 003c 0000', 0x82, 'close'),
  everywhere(3, 'SUBSCRIBE', '82 06 0001 0001 61 00', 0x82, 'close'),
  everywhere(3, 'UNSUBSCRIBE', 'a2 05 0001 0001 61', 0x82, 'close'),
  everywhere(3, 'PINGREQ', 'c0 00', 0x82, 'close'),
  everywhere(3, 'DISCONNECT on 3.1.1', { 3: 'e0 00', 4: 'e0 00' }, undefined, 'close'),
  everywhere(4, 'CONNACK with flags', '21 02 00 00', 0x81, 'close', connecting),
  everywhere(4, 'PUBACK with flags', '41 02 0001', 0x81, 'close', { setting: 'published1' }),
  everywhere(4, 'PUBREC with flags', '58 02 0001', 0x81, 'close', { setting: 'published2' }),
  everywhere(4, 'PUBREL without its flags', '60 02 0001', 0x81, 'close'),
  everywhere(4, 'PUBCOMP with flags', '72 02 0001', 0x81, 'close', { setting: 'released' }),
  everywhere(4, 'SUBACK with flags', '92 04 0001 00 00', 0x81, 'close', { setting: 'subscribing' }),
  everywhere(4, 'UNSUBACK with flags', 'b2 04 0001 00 00', 0x81, 'close', { setting: 'unsubscribing' }),
  everywhere(4, 'PINGRESP with flags', 'd1 00', 0x81, 'close'),
  everywhere(5, 'DISCONNECT with flags', 'e1 00', 0x81, 'close'),
  everywhere(6, 'AUTH with flags', 'f1 00', 0x81, 'close'),
  everywhere(7, 'a remaining length of five bytes', '30 ff ff ff ff 01', 0x81, 'close'),
  everywhere(8, 'a remaining length that is not minimal', 'd0 80 00', 0x81, STAY),
  only5(8, 'a property length that is not minimal', '30 05 0001 74 80 00', 0x81),
  only5(8, 'a subscription identifier that is not minimal', published('0b 81 00'), 0x81),
  everywhere(9, 'a header that announces more than we take', '30 e9 07', 0x95, 'close', {
    options: { properties: { maximumPacketSize: 100 } },
  }),
  everywhere(9, 'the same, split within the length', '30 ff ff ff 7f', 0x95, 'close'),
  everywhere(10, 'PUBLISH without a topic', '30 00', 0x81, 'close'),
  everywhere(10, 'PUBLISH whose topic runs past its end', '30 03 0002 74', 0x81, 'close'),
  everywhere(10, 'PUBLISH that ends within its packet identifier', '32 04 0001 74 00', 0x81, 'close'),
  everywhere(10, 'PUBACK of one byte, with a packet behind it', '40 01 00 d0 00', 0x81, 'close', {
    setting: 'published1',
  }),
  everywhere(10, 'PUBREC without a body', '50 00', 0x81, 'close', { setting: 'published2' }),
  everywhere(10, 'CONNACK without a body', '20 00', 0x81, 'close', connecting),
  only5(10, 'CONNACK without a property length', '20 02 00 00', 0x81, connecting),
  everywhere(10, 'SUBACK of one byte', '90 01 00', 0x81, 'close', { setting: 'subscribing' }),
  everywhere(11, 'PUBACK with bytes behind its end', '40 05 0001 00 00 00', 0x81, 'close', { setting: 'published1' }),
  everywhere(11, 'CONNACK with bytes behind its end', '20 04 00 00 00 00', 0x81, 'close', connecting),
  everywhere(11, 'PINGRESP with a body', 'd0 01 00', 0x81, 'close'),
  everywhere(12, 'the end of the connection within a packet', '30 10 0001', 'close', 'close', { hangsUp: true }),
  everywhere(15, 'a surrogate in a topic', '30 06 0003 eda080 00', 0x81, 'close'),
  everywhere(15, 'an overlong form in a topic', '30 05 0002 c080 00', 0x81, 'close'),
  only5(15, 'ill-formed UTF-8 in a property', published('03 0001 ff'), 0x81),
  everywhere(16, 'U+0000 in a topic', '30 06 0003 610062 00', 0x81, 'close'),
  only5(16, 'U+0000 in a user property', published('26 0001 00 0001 62'), 0x81),
  everywhere(17, 'control characters in a topic', { 5: '30 05 0002 017f 00', 4: '30 04 0002 017f' }, STAY, STAY, {
    v3: undefined,
    delivers: ['\u0001\u007f='],
  }),
  everywhere(
    18,
    'a byte order mark in a topic',
    { 5: '30 07 0004 efbbbf61 00', 4: '30 06 0004 efbbbf61' },
    STAY,
    STAY,
    {
      v3: undefined,
      delivers: ['\ufeffa='],
    },
  ),
  only5(19, 'properties that run past the packet', '30 06 0001 74 05 0100', 0x81),
  only5(19, 'properties that end within a property', '30 06 0001 74 01 02 00', 0x81),
  only5(20, 'an unknown property', published('7f 00'), 0x81),
  only5(21, 'a property of another packet', published('21 0001'), 0x81),
  only5(21, 'topic alias in CONNACK', accepting('23 0001'), 0x81, connecting),
  only5(22, 'a property that stands twice', published('03 0001 61 03 0001 61'), 0x82),
  only5(22, 'a property of value 0 that stands twice', published('02 00000000 02 00000000'), 0x82),
  // Maximum QoS 2 is borne with: see marble-tests/foreign-brokers.test.ts.
  only5(23, 'the value 3 in property 0x24', accepting('24 03'), 0x82, connecting),
  ...['25', '28', '29', '2a'].map((id) =>
    only5(23, `the value 2 in property 0x${id}`, accepting(`${id} 02`), 0x82, connecting),
  ),
  only5(24, 'payload format indicator 2', published('01 02'), 0x81),
  only5(25, 'Receive Maximum 0', accepting('21 0000'), 0x82, connecting),
  only5(26, 'Maximum Packet Size 0', accepting('27 00000000'), 0x82, connecting),
  only5(27, 'subscription identifier 0', published('0b 00'), 0x82),
  only5(28, 'a subscription identifier that we never used', published('0b 07'), STAY, { delivers: ['t='] }),
  only5(29, 'a reason string that we did not want', '40 08 0001 00 04 1f 0001 61', 0x82, {
    setting: 'published1',
    options: { properties: { requestProblemInformation: false } },
  }),
  only5(30, 'response information that we did not ask for', accepting('1a 0001 61'), STAY, connecting),
  only5(31, 'session expiry in DISCONNECT', 'e0 07 00 05 11 00000001', 0x82),
  only5(32, 'authentication data without a method', accepting('16 0001 61'), 0x82, connecting),
  everywhere(33, 'PINGRESP before CONNACK', 'd0 00', 0x82, 'close', connecting),
  everywhere(33, 'PUBLISH before CONNACK', toT('30'), 0x82, 'close', connecting),
  everywhere(
    33,
    'SUBACK before CONNACK',
    { 5: '90 04 0001 00 00', 4: '90 03 0001 00', 3: '90 03 0001 00' },
    0x82,
    'close',
    connecting,
  ),
  everywhere(33, 'PUBREL before CONNACK', '62 02 0001', 0x82, 'close', connecting),
  everywhere(34, 'DISCONNECT before CONNACK', 'e0 00', 'close', 'close', connecting),
  everywhere(35, 'a second CONNACK', { 5: '20 03 00 00 00', 4: '20 02 00 00', 3: '20 02 00 00' }, 0x82, 'close'),
  everywhere(
    36,
    'reserved flags in CONNACK',
    { 5: '20 03 02 00 00', 4: '20 02 02 00', 3: '20 02 02 00' },
    0x81,
    'close',
    {
      ...connecting,
      v3: STAY,
    },
  ),
  everywhere(37, 'session present in a refusal', { 5: '20 03 01 87 00', 4: '20 02 01 05' }, 0x82, 'close', {
    ...connecting,
    v3: undefined,
  }),
  everywhere(38, 'session present after a clean start', { 5: '20 03 01 00 00', 4: '20 02 01 00' }, 0x82, 'close', {
    ...connecting,
    v3: undefined,
  }),
  everywhere(39, 'session present in a new process', { 5: '20 03 01 00 00', 4: '20 02 01 00' }, STAY, STAY, {
    ...connecting,
    options: { clean: false, sessionExpiry: 60 },
    v3: undefined,
  }),
  everywhere(
    41,
    'a refusal',
    { 5: '20 03 00 87 00', 4: '20 02 00 05', 3: '20 02 00 05' },
    'close',
    'close',
    connecting,
  ),
  everywhere(
    42,
    'a reason code that is in no table',
    { 5: '20 03 00 55 00', 4: '20 02 00 06', 3: '20 02 00 06' },
    0x81,
    'close',
    connecting,
  ),
  only5(43, 'a refusal in the shape of 3.1.1', '20 02 00 01', 'close', connecting),
  only5(44, 'no assigned client identifier', '20 03 00 00 00', 0x82, anonymous),
  only5(46, 'a CONNACK without the method that was offered', '20 03 00 00 00', 0x82, {
    ...connecting,
    options: offering,
  }),
  only5(46, 'a CONNACK with another method', accepting('15 0001 61'), 0x82, { ...connecting, options: offering }),
  only5(47, 'a CONNACK with a method that was not offered', accepting('15 0001 61'), 0x82, connecting),
  everywhere(48, 'PUBLISH with QoS 3', '36 06 0001 74 0001 00', 0x81, 'close'),
  everywhere(49, 'DUP at QoS 0', toT('38'), 0x82, 'close', { v3: undefined }),
  everywhere(49, 'DUP at QoS 0, as 3.1 allows it', { 3: '38 03 0001 74' }, undefined, STAY, { delivers: ['t='] }),
  everywhere(50, 'packet identifier 0', toT('32', '0000'), 0x82, 'close'),
  everywhere(50, 'PUBREL with packet identifier 0', '62 02 0000', 0x82, 'close'),
  everywhere(51, 'a topic with +', '30 06 0003 612f2b 00', 0x81, 'close'),
  everywhere(51, 'a topic with #', '30 04 0001 23 00', 0x81, 'close'),
  everywhere(52, 'no topic', { 5: '30 03 0000 00', 4: '30 02 0000', 3: '30 02 0000' }, 0x82, 'close'),
  only5(53, 'topic alias 0', published('23 0000'), 0x94, { options: { properties: { topicAliasMaximum: 5 } } }),
  only5(53, 'a topic alias above our maximum', published('23 0006'), 0x94, {
    options: { properties: { topicAliasMaximum: 5 } },
  }),
  only5(53, 'a topic alias though we take none', published('23 0001'), 0x94),
  only5(54, 'a topic alias that is not bound', '30 06 0000 03 23 0001', 0x82, {
    options: { properties: { topicAliasMaximum: 5 } },
  }),
  only5(55, 'more than our Receive Maximum at QoS 2', '34 06 0001 74 0001 00 34 06 0001 74 0002 00', 0x93, {
    options: { properties: { receiveMaximum: 1 } },
    answers: ['50020001'],
    delivers: ['t='],
  }),
  only5(56, 'a payload that is not the UTF-8 it says', '32 0a 0001 74 0001 02 01 01 c328', ['40030001' + '99'], {
    options: { validatePayloadFormat: true },
    delivers: [],
  }),
  only5(57, 'a response topic with a wildcard', published('08 0001 2b'), 0x82),
  everywhere(58, 'QoS 2, though nobody subscribed at that', toT('34', '0001'), ['50020001'], ['50020001'], {
    delivers: ['t='],
  }),
  everywhere(60, 'QoS 1 without a subscription', toT('32', '0001'), ['40020001'], ['40020001'], { delivers: ['t='] }),
  everywhere(
    61,
    'QoS 2 again before PUBREL',
    { 5: '34 06 0001 74 0001 00 3c 06 0001 74 0001 00', 4: '34 05 0001 74 0001 34 05 0001 74 0001' },
    ['50020001', '50020001'],
    ['50020001', '50020001'],
    { v3: undefined, delivers: ['t='] },
  ),
  everywhere(
    62,
    'QoS 1 under the identifier of an open QoS 2 exchange',
    { 5: '34 06 0001 74 0001 00 32 06 0001 74 0001 00', 4: '34 05 0001 74 0001 32 05 0001 74 0001' },
    0x82,
    'close',
    { v3: undefined, answers: ['50020001'], delivers: ['t='] },
  ),
  everywhere(63, 'RETAIN without a payload', toT('31'), STAY, STAY, { delivers: ['t='] }),
  everywhere(65, 'PUBACK for nothing', '40 02 0009', STAY, STAY),
  everywhere(65, 'PUBCOMP for nothing', '70 02 0009', STAY, STAY),
  everywhere(66, 'PUBREC for nothing', '50 02 0009', ['6203000992'], ['62020009']),
  everywhere(67, 'PUBREL for nothing', '62 02 0009', ['7003000992'], ['70020009']),
  everywhere(68, 'PUBREC again after our PUBREL', '50 02 0001', ['62020001'], ['62020001'], { setting: 'released' }),
  only5(69, 'PUBREC with an error', '50 03 0001 97', STAY, { setting: 'published2' }),
  everywhere(70, 'PUBACK for a message at QoS 2', '40 02 0001', 0x82, 'close', { setting: 'published2' }),
  everywhere(70, 'PUBREC for a message at QoS 1', '50 02 0001', 0x82, 'close', { setting: 'published1' }),
  everywhere(70, 'PUBCOMP for a message at QoS 1', '70 02 0001', 0x82, 'close', { setting: 'published1' }),
  everywhere(70, 'PUBCOMP before our PUBREL', '70 02 0001', 0x82, 'close', { setting: 'published2' }),
  only5(72, 'PUBACK with an unknown code', '40 03 0001 01', 0x82, { setting: 'published1' }),
  only5(72, 'PUBREC with 0x92', '50 03 0001 92', 0x82, { setting: 'published2' }),
  only5(72, 'PUBCOMP with 0x10', '70 03 0001 10', 0x82, { setting: 'released' }),
  everywhere(73, 'PUBACK of three bytes', '40 03 0001 00', STAY, 'close', { setting: 'published1' }),
  everywhere(73, 'PUBACK of two bytes', '40 02 0001', STAY, STAY, { setting: 'published1' }),
  only5(74, 'PUBCOMP with 0x92', '70 03 0001 92', STAY, { setting: 'released' }),
  only5(74, 'PUBREL with 0x92', '62 03 0009 92', ['7003000992']),
  everywhere(
    75,
    'SUBACK for nothing',
    { 5: '90 04 0009 00 00', 4: '90 03 0009 00', 3: '90 03 0009 00' },
    0x82,
    'close',
  ),
  everywhere(75, 'UNSUBACK for nothing', { 5: 'b0 04 0009 00 00', 4: 'b0 02 0009', 3: 'b0 02 0009' }, 0x82, 'close'),
  everywhere(
    75,
    'UNSUBACK for a SUBSCRIBE',
    { 5: 'b0 04 0001 00 00', 4: 'b0 02 0001', 3: 'b0 02 0001' },
    0x82,
    'close',
    { setting: 'subscribing' },
  ),
  everywhere(
    75,
    'SUBACK for a message at QoS 1',
    { 5: '90 04 0001 00 00', 4: '90 03 0001 00', 3: '90 03 0001 00' },
    0x82,
    'close',
    { setting: 'published1' },
  ),
  everywhere(
    76,
    'SUBACK with a code too many',
    { 5: '90 05 0001 00 00 00', 4: '90 04 0001 00 00', 3: '90 04 0001 00 00' },
    0x82,
    'close',
    { setting: 'subscribing' },
  ),
  only5(76, 'UNSUBACK with a code too many', 'b0 05 0001 00 00 00', 0x82, { setting: 'unsubscribing' }),
  everywhere(77, 'SUBACK without codes', { 5: '90 03 0001 00', 4: '90 02 0001', 3: '90 02 0001' }, 0x82, 'close', {
    setting: 'subscribing',
  }),
  everywhere(77, 'UNSUBACK without codes', { 5: 'b0 03 0001 00', 4: 'b0 02 0001', 3: 'b0 02 0001' }, 0x82, STAY, {
    setting: 'unsubscribing',
  }),
  everywhere(
    78,
    'SUBACK with a code that is in no table',
    { 5: '90 04 0001 00 03', 4: '90 03 0001 03', 3: '90 03 0001 03' },
    0x82,
    'close',
    { setting: 'subscribing' },
  ),
  everywhere(79, 'UNSUBACK of 3.1.1 with a payload', { 4: 'b0 03 0001 00', 3: 'b0 03 0001 00' }, undefined, 'close', {
    setting: 'unsubscribing',
  }),
  everywhere(
    80,
    'a granted QoS above the one we asked for',
    { 5: '90 04 0001 00 02', 4: '90 03 0001 02', 3: '90 03 0001 02' },
    STAY,
    STAY,
    { setting: 'subscribing' },
  ),
  everywhere(81, 'PINGRESP that was not asked for', 'd0 00', STAY, STAY),
  ...['00', '81', '8b', '8d', '98', '9f', 'a2'].map((code) =>
    only5(83, `DISCONNECT 0x${code}`, `e0 02 ${code} 00`, 'close'),
  ),
  only5(84, 'DISCONNECT with a code that is in no table', 'e0 02 55 00', 'close'),
  only5(84, 'DISCONNECT with a code of clients', 'e0 02 04 00', 'close'),
  only5(85, 'DISCONNECT without a code', 'e0 00', 'close'),
  only5(85, 'DISCONNECT without properties', 'e0 01 8b', 'close'),
  only5(86, 'bytes behind DISCONNECT', 'e0 00 30 04 0001 74 00', 'close', { delivers: [] }),
  only5(87, 'AUTH though we named no method', 'f0 06 18 04 15 0001 61', 0x82),
  only5(87, 'AUTH before CONNACK though we named no method', 'f0 06 18 04 15 0001 61', 0x82, connecting),
  only5(88, 'AUTH without a method', 'f0 02 18 00', 0x82, { ...connecting, options: offering }),
  only5(88, 'AUTH with another method', 'f0 06 18 04 15 0001 61', 0x82, { ...connecting, options: offering }),
  only5(89, 'AUTH 0x19', 'f0 08 19 06 15 0003 50494e', 0x82, { ...connecting, options: offering }),
  only5(90, 'AUTH 0x00 before CONNACK', 'f0 08 00 06 15 0003 50494e', 0x82, { ...connecting, options: offering }),
  only5(91, 'AUTH with a code that is in no table', 'f0 08 55 06 15 0003 50494e', 0x82, {
    ...connecting,
    options: offering,
  }),
  only5(92, 'a challenge that the mechanism does not answer', 'f0 08 18 06 15 0003 50494e', 0x83, {
    ...connecting,
    options: offering,
  }),
];
