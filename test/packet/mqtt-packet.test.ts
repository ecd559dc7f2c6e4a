import fc from 'fast-check';
import { generate, parser, type Packet as TheirPacket } from 'mqtt-packet';
import type { Packet, Properties, ProtocolVersion } from '../../src/packet/packets.js';
import { normalizeUserProperties } from '../../src/packet/properties.js';
import { decoded, encoded, packetFrom, plain, toHex, VERSIONS } from './support.js';

const sides = ['client', 'server'] as const;
const cases = VERSIONS.flatMap((version) => sides.map((sender) => ({ version, sender })));

/** User properties by name, as mqtt-packet has them. */
function theirProperties(properties: Properties | undefined): object {
  if (properties === undefined) return {};
  const { userProperties } = properties;
  const theirs: Record<string, unknown> = { ...properties };
  if (userProperties !== undefined) {
    const byName: Record<string, string[]> = {};
    for (const [name, value] of userProperties) (byName[name] ??= []).push(value);
    theirs.userProperties = byName;
  }
  for (const name of ['correlationData', 'authenticationData']) {
    const value = theirs[name];
    if (value instanceof Uint8Array) theirs[name] = Buffer.from(value);
  }
  return { properties: theirs };
}

function theirs(packet: Packet, version: ProtocolVersion): TheirPacket {
  const common = { cmd: packet.cmd, ...('properties' in packet ? theirProperties(packet.properties) : {}) };
  switch (packet.cmd) {
    case 'connect': {
      const { protocolVersion, clientId, clean, keepalive, username, password, will } = packet;
      return {
        ...common,
        protocolVersion,
        protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
        clientId,
        clean,
        keepalive,
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password: Buffer.from(password) }),
        ...(will && { will: { ...will, ...theirProperties(will.properties), payload: Buffer.from(will.payload) } }),
      } as TheirPacket;
    }
    case 'connack':
      return {
        ...common,
        sessionPresent: packet.sessionPresent,
        [version === 5 ? 'reasonCode' : 'returnCode']: packet.reasonCode,
      } as TheirPacket;
    case 'publish': {
      const { topic, payload, qos, retain, dup, packetId } = packet;
      return { ...common, topic, payload: Buffer.from(payload), qos, retain, dup, messageId: packetId } as TheirPacket;
    }
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return { ...common, messageId: packet.packetId, reasonCode: packet.reasonCode } as TheirPacket;
    case 'subscribe':
      return {
        ...common,
        messageId: packet.packetId,
        subscriptions: packet.subscriptions.map(({ filter, qos, noLocal, retainAsPublished, retainHandling }) => ({
          topic: filter,
          qos,
          nl: noLocal,
          rap: retainAsPublished,
          rh: retainHandling,
        })),
      } as TheirPacket;
    case 'unsubscribe':
      return { ...common, messageId: packet.packetId, unsubscriptions: packet.filters } as TheirPacket;
    case 'suback':
    case 'unsuback':
      return { ...common, messageId: packet.packetId, granted: packet.reasonCodes } as TheirPacket;
    case 'disconnect':
    case 'auth':
      return { ...common, reasonCode: packet.reasonCode } as TheirPacket;
    case 'pingreq':
    case 'pingresp':
      return common as TheirPacket;
  }
}

const noProperties = (packet: Packet): boolean => 'properties' in packet && packet.properties === undefined;

/** mqtt-packet cannot write these, or not in the shortest form. */
function isWrittenOtherwise(packet: Packet, version: ProtocolVersion): boolean {
  switch (packet.cmd) {
    case 'connect':
      return (
        (packet.password !== undefined && packet.username === undefined) || (packet.clientId === '' && !packet.clean)
      );
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return version === 5 && packet.reasonCode !== 0 && noProperties(packet);
    case 'disconnect':
      return version === 5 && packet.reasonCode === 0 && noProperties(packet);
    default:
      return false;
  }
}

/** Grouped by name with integers first, which is all the order that an object keeps. */
function inTheirOrder(packet: Packet): Packet {
  const ordered = (properties: Properties | undefined): Properties | undefined => {
    if (properties?.userProperties === undefined) return properties;
    const byName: Record<string, string[]> = {};
    for (const [name, value] of properties.userProperties) (byName[name] ??= []).push(value);
    return { ...properties, userProperties: normalizeUserProperties(byName) };
  };
  const copy = { ...packet } as Packet & { properties?: Properties | undefined };
  if (copy.properties !== undefined) copy.properties = ordered(copy.properties);
  if (copy.cmd === 'connect' && copy.will !== undefined) {
    copy.will = { ...copy.will, properties: ordered(copy.will.properties) };
  }
  return copy;
}

function theyParse(bytes: Uint8Array, version: ProtocolVersion): TheirPacket {
  const packets: TheirPacket[] = [];
  const theirParser = parser({ protocolVersion: version });
  theirParser.on('packet', (packet) => packets.push(packet));
  theirParser.on('error', (error: Error) => {
    throw error;
  });
  theirParser.parse(Buffer.from(bytes));
  expect(packets).toHaveLength(1);
  return packets[0]!;
}

/** Without the fields that mqtt-packet puts into every packet, whatever its type. */
function said(packet: TheirPacket, asked: TheirPacket): unknown {
  const fields = plain(packet) as Record<string, unknown>;
  return Object.fromEntries(Object.keys(plain(asked) as object).map((name) => [name, fields[name]]));
}

describe.each(cases)('MQTT $version, packets of a $sender', ({ version, sender }) => {
  const receiver = sender === 'client' ? 'server' : 'client';
  const packets = packetFrom(sender, version).map(inTheirOrder);

  it('are written byte for byte as mqtt-packet writes them', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        fc.pre(!isWrittenOtherwise(packet, version));
        const expected = generate(theirs(packet, version), { protocolVersion: version });
        expect(toHex(encoded(packet, version))).toBe(toHex(expected));
      }),
      { numRuns: 1000 },
    );
  });

  it('are read field for field as mqtt-packet reads them', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        // What mqtt-packet 9.0.2 cannot read: an empty first value of a user property, and DISCONNECT with 0x8c.
        fc.pre(!JSON.stringify(packet).includes('""'));
        fc.pre(packet.cmd !== 'disconnect' || packet.reasonCode !== 0x8c);
        const bytes = encoded(packet, version);
        const [ours] = decoded([bytes], { version, receiver });
        const asked = theirs(ours!, version);
        // On 3.1 and 3.1.1 mqtt-packet has no reason codes, and no codes in UNSUBACK.
        if (version !== 5 && 'reasonCode' in asked) delete (asked as { reasonCode?: number }).reasonCode;
        if (version !== 5 && asked.cmd === 'unsuback') delete (asked as { granted?: number[] }).granted;
        if (asked.cmd === 'publish' && asked.qos === 0) delete (asked as { messageId?: number }).messageId;
        const parsed = said(theyParse(bytes, version), asked) as { properties?: { userProperties?: object } };
        expect(singlesAsLists(parsed)).toEqual(plain(asked));
      }),
      { numRuns: 1000 },
    );
  });
});

/** mqtt-packet gives a user property that stands once as a string. */
function singlesAsLists(packet: object): unknown {
  return JSON.parse(
    JSON.stringify(packet, (name, value: unknown) => {
      if (name !== 'userProperties') return value;
      return Object.fromEntries(Object.entries(value as object).map(([key, one]) => [key, [one].flat()]));
    }),
  );
}
