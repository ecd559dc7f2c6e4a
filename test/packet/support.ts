import fc from 'fast-check';
import { ProtocolError } from '../../src/errors.js';
import { createDecoder } from '../../src/packet/codec.js';
import type { PacketDecoder } from '../../src/packet/decoder.js';
import { encodeAny } from '../../src/packet/encode-any.js';
import type { Side } from '../../src/packet/fixed-header.js';
import type { Packet, Properties, ProtocolVersion, QoS } from '../../src/packet/packets.js';
import { mayRepeat, propertyTable, type PropertyCarrier, type PropertyRule } from '../../src/packet/property-table.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { allowedReasonCodes } from '../../src/packet/reason-codes.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';

export const VERSIONS = [3, 4, 5] as const;

/** Bytes from `'20 02 00 00'`. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A whole packet: its first byte, and its body behind the right remaining length. */
export function frame(first: number, body: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Uint8Array.of(first, ...length), body]);
}

export function encoded(packet: Packet, version: ProtocolVersion): Uint8Array {
  const out = new WriteBuffer();
  encodeAny(packet, out, version);
  return Buffer.concat(out.take());
}

export interface Decoding {
  readonly version?: ProtocolVersion;
  readonly receiver?: Side;
  readonly maximumPacketSize?: number;
}

export function decoderFor({
  version = 5,
  receiver = 'client',
  maximumPacketSize = 1e9,
}: Decoding = {}): PacketDecoder {
  return createDecoder({ protocolVersion: version, receiver, maximumPacketSize });
}

/** The packets in the chunks; throws what the decoder throws. */
export function decoded(chunks: readonly Uint8Array[], decoding: Decoding = {}): Packet[] {
  const packets: Packet[] = [];
  const decoder = decoderFor(decoding);
  for (const chunk of chunks) decoder.decode(chunk, (packet) => packets.push(packet));
  return packets;
}

/** The reason code of the protocol error that the bytes cause, or what they decode to when they cause none. */
export function verdict(bytes: Uint8Array, decoding: Decoding): number | Packet[] {
  try {
    return decoded([bytes], decoding);
  } catch (error) {
    if (error instanceof ProtocolError) return error.reasonCode;
    throw error;
  }
}

/** What the action throws; undefined when it throws nothing. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Without the fields that are undefined, and with plain byte arrays: what one packet says, comparable with another. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([name, one]) => [name, plain(one)]),
  );
}

const unit = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...'abz/-09 ') },
  { weight: 1, arbitrary: fc.constantFrom('\u00e9', '\u20ac', '\u{1f600}', '\ufeff', '\u0001', '\uffff') },
);
export const text = fc.string({ unit, maxLength: 12 });
export const topicName = fc.string({ unit, minLength: 1, maxLength: 20 });
const bytes = (maxLength = 10): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const packetId = fc.integer({ min: 1, max: 0xffff });
export const qosLevel = fc.constantFrom<QoS>(0, 1, 2);

function valueOf(rule: PropertyRule, carrier: PropertyCarrier): fc.Arbitrary<unknown> {
  const { min } = rule;
  switch (rule.type) {
    case 'flag':
      return fc.boolean();
    case 'bit':
      return fc.constantFrom(0, 1);
    case 'uint16':
      return fc.integer({ min, max: 0xffff });
    case 'uint32':
      return fc.integer({ min, max: 0xffffffff });
    case 'varInt': {
      const one = fc.oneof(fc.integer({ min, max: 300 }), fc.integer({ min, max: 268_435_455 }));
      return mayRepeat(rule, carrier) ? fc.oneof(one, fc.array(one, { minLength: 2, maxLength: 4 })) : one;
    }
    case 'string':
      return text.filter((value) => rule.name !== 'responseTopic' || value !== '');
    case 'binary':
      return bytes();
    case 'pairs':
      return fc.array(fc.tuple(fc.oneof(fc.constantFrom('a', 'b', '1'), text), text), { minLength: 1, maxLength: 5 });
  }
}

/** Any set of properties that the carrier may have, in any order; undefined rather than an empty one. */
export function propertiesOf(carrier: PropertyCarrier, sender?: Side): fc.Arbitrary<Properties | undefined> {
  const rules = propertyTable.filter(
    ({ name, carriers }) =>
      carriers.includes(carrier) &&
      !(name === 'sessionExpiryInterval' && carrier === 'disconnect' && sender === 'server') &&
      !(name === 'subscriptionIdentifier' && carrier === 'publish' && sender === 'client'),
  );
  return fc
    .shuffledSubarray([...rules])
    .chain((chosen) => fc.tuple(...chosen.map((rule) => fc.tuple(fc.constant(rule.name), valueOf(rule, carrier)))))
    .map((entries) => {
      const properties = Object.fromEntries(entries) as Properties;
      if (properties.authenticationMethod === undefined) delete properties.authenticationData;
      if (carrier === 'auth') properties.authenticationMethod ??= 'SCRAM';
      return Object.keys(properties).length === 0 ? undefined : properties;
    });
}

const acks = ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const;

/** Any valid packet that this side may send in this version. */
export function packetFrom(sender: Side, version: ProtocolVersion): fc.Arbitrary<Packet> {
  const withProperties = (carrier: PropertyCarrier): fc.Arbitrary<Properties | undefined> =>
    version === 5 ? propertiesOf(carrier, sender) : fc.constant(undefined);
  const codesOf = (codes: ReadonlySet<number>): fc.Arbitrary<number> => fc.constantFrom(...codes);

  const publish = fc
    .record({
      topic: topicName,
      payload: bytes(40),
      qos: qosLevel,
      retain: fc.boolean(),
      dup: fc.boolean(),
      id: packetId,
      properties: withProperties('publish'),
    })
    .map(
      ({ topic, payload, qos, retain, dup, id, properties }) =>
        new PublishPacket(topic, payload, qos, retain, dup && qos > 0, qos > 0 ? id : 0, properties),
    );
  const ack = fc.constantFrom(...acks).chain((cmd) =>
    fc.record({
      cmd: fc.constant(cmd),
      packetId,
      reasonCode: version === 5 ? codesOf(allowedReasonCodes[cmd][sender]) : fc.constant(0),
      properties: withProperties(cmd),
    }),
  );
  const disconnect = fc.record({
    cmd: fc.constant('disconnect' as const),
    reasonCode: version === 5 ? codesOf(allowedReasonCodes.disconnect[sender]) : fc.constant(0),
    properties: withProperties('disconnect'),
  });
  const auth = fc.record({
    cmd: fc.constant('auth' as const),
    reasonCode: codesOf(allowedReasonCodes.auth[sender]),
    properties: withProperties('auth'),
  });
  const all: fc.Arbitrary<Packet>[] = [publish, ack];
  if (version === 5) all.push(disconnect, auth);

  if (sender === 'server') {
    const connack = fc
      .record({
        cmd: fc.constant('connack' as const),
        sessionPresent: fc.boolean(),
        reasonCode: version === 5 ? codesOf(allowedReasonCodes.connack.server) : fc.integer({ min: 0, max: 5 }),
        properties: withProperties('connack'),
      })
      .map((packet) => ({
        ...packet,
        sessionPresent: packet.sessionPresent && packet.reasonCode === 0 && version > 3,
      }));
    const suback = fc.record({
      cmd: fc.constant('suback' as const),
      packetId,
      reasonCodes: fc.array(
        version === 5 ? codesOf(allowedReasonCodes.suback.server) : fc.constantFrom(0, 1, 2, 0x80),
        {
          minLength: 1,
          maxLength: 5,
        },
      ),
      properties: withProperties('suback'),
    });
    const unsuback = fc.record({
      cmd: fc.constant('unsuback' as const),
      packetId,
      reasonCodes:
        version === 5
          ? fc.array(codesOf(allowedReasonCodes.unsuback.server), { minLength: 1, maxLength: 5 })
          : fc.constant([]),
      properties: withProperties('unsuback'),
    });
    return fc.oneof(...all, connack, suback, unsuback, fc.constant({ cmd: 'pingresp' as const }));
  }

  const subscribe = fc.record({
    cmd: fc.constant('subscribe' as const),
    packetId,
    subscriptions: fc.array(
      version === 5
        ? fc.record({
            filter: topicName,
            qos: qosLevel,
            noLocal: fc.boolean(),
            retainAsPublished: fc.boolean(),
            retainHandling: fc.constantFrom(0 as const, 1 as const, 2 as const),
          })
        : fc.record({ filter: topicName, qos: qosLevel }),
      { minLength: 1, maxLength: 4 },
    ),
    properties: withProperties('subscribe'),
  });
  const unsubscribe = fc.record({
    cmd: fc.constant('unsubscribe' as const),
    packetId,
    filters: fc.array(topicName, { minLength: 1, maxLength: 4 }),
    properties: withProperties('unsubscribe'),
  });
  if (version !== 5) all.push(fc.constant({ cmd: 'disconnect', reasonCode: 0 }));
  return fc.oneof(...all, connectPacket(version), subscribe, unsubscribe, fc.constant({ cmd: 'pingreq' as const }));
}

export function connectPacket(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const withProperties = (carrier: PropertyCarrier): fc.Arbitrary<Properties | undefined> =>
    version === 5 ? propertiesOf(carrier) : fc.constant(undefined);
  return fc
    .record({
      cmd: fc.constant('connect' as const),
      protocolVersion: fc.constant(version),
      clientId: text,
      clean: fc.boolean(),
      keepalive: fc.integer({ min: 0, max: 0xffff }),
      username: fc.option(text, { nil: undefined }),
      password: fc.option(bytes(), { nil: undefined }),
      will: fc.option(
        fc.record({
          topic: topicName,
          payload: bytes(),
          qos: qosLevel,
          retain: fc.boolean(),
          properties: withProperties('will'),
        }),
        { nil: undefined },
      ),
      properties: withProperties('connect'),
    })
    .map((packet) => {
      if (version === 5) return packet;
      const clientId = packet.clientId === '' ? 'c' : packet.clientId;
      return { ...packet, clientId, password: packet.username === undefined ? undefined : packet.password };
    });
}
