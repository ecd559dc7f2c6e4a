import type { Packet, PublishPacket } from '../packet/packets.js';
import { decodeUtf8 } from '../utf8.js';

/**
 * Describes a packet in one line, as diagrams and transcripts do: `PUBLISH #1 a/b "21.5" q1 dup`, `SUBSCRIBE #2 a/#:1
 * b:0 id=1`, `PUBREC #7 0x92`, `DISCONNECT 0x82`.
 */
export function describePacket(packet: Packet): string {
  const name = packet.cmd.toUpperCase();
  switch (packet.cmd) {
    case 'connect':
      return join(
        name,
        `v${packet.protocolVersion}`,
        packet.clean && 'clean',
        packet.username !== undefined && `user=${packet.username}`,
      );
    case 'connack':
      return join(name, packet.sessionPresent && 'present', code(packet.reasonCode));
    case 'publish':
      return join(name, packet.qos > 0 && `#${packet.packetId}`, describeMessage(packet), packet.dup && 'dup');
    case 'subscribe':
      return join(
        name,
        `#${packet.packetId}`,
        ...packet.subscriptions.map(
          ({ filter, qos, noLocal, retainAsPublished, retainHandling }) =>
            `${filter}:${qos}${noLocal === true ? 'n' : ''}${retainAsPublished === true ? 'p' : ''}` +
            (retainHandling === undefined || retainHandling === 0 ? '' : `h${retainHandling}`),
        ),
        packet.properties?.subscriptionIdentifier !== undefined &&
          `id=${String(packet.properties.subscriptionIdentifier)}`,
      );
    case 'unsubscribe':
      return join(name, `#${packet.packetId}`, ...packet.filters);
    case 'suback':
    case 'unsuback':
      return join(name, `#${packet.packetId}`, ...packet.reasonCodes.map(hex));
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return join(name, `#${packet.packetId}`, code(packet.reasonCode));
    case 'disconnect':
    case 'auth':
      return join(name, code(packet.reasonCode));
    default:
      return name;
  }
}

const join = (...parts: (string | false)[]): string => parts.filter((part) => part !== false && part !== '').join(' ');
const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;
const code = (value: number): string => (value === 0 ? '' : hex(value));

/** Whether two descriptions are equal; hex codes may be in either case. */
export const sameWords = (one: string, other: string): boolean => one === other || lowered(one) === lowered(other);

const lowered = (words: string): string => words.replace(/\b0x[0-9a-f]{2}\b/gi, (number) => number.toLowerCase());

/** Describes a message in one line: `hall/7 "21.5" q1 retain`. */
export function describeMessage({ topic, payload, qos, retain }: Message): string {
  return join(topic, `"${decodeUtf8(payload)}"`, `q${qos}`, retain && 'retain');
}

/** @inline */
type Message = Pick<PublishPacket, 'topic' | 'payload' | 'qos' | 'retain'>;
