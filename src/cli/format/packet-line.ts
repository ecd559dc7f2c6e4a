import { reasonCodeName } from 'rxmqtt';
import type { Packet } from 'rxmqtt';
import { versionName } from '../../packet/version-name.js';
import { printable } from '../../quoted.js';
import { counted } from './count-text.js';

/** A packet in one line, without its payload and without credentials: `PUBLISH #1 hall/7 q1 retain, 4 bytes`. */
export function packetLine(packet: Packet): string {
  const name = packet.cmd.toUpperCase();
  switch (packet.cmd) {
    case 'connect':
      return join(
        name,
        versionName(packet.protocolVersion),
        `id ${JSON.stringify(printable(packet.clientId))}`,
        packet.clean ? 'clean' : 'resume',
        `keep-alive ${packet.keepalive} s`,
        packet.username !== undefined && 'user name',
        packet.password !== undefined && 'password',
        packet.will !== undefined && `will ${printable(packet.will.topic)}`,
      );
    case 'connack':
      return join(name, named(packet.reasonCode), packet.sessionPresent && 'session present', reason(packet));
    case 'publish':
      return join(
        name,
        packet.qos > 0 && `#${packet.packetId}`,
        packet.topic === '' ? `alias ${String(packet.properties?.topicAlias)}` : printable(packet.topic),
        `q${packet.qos}`,
        packet.retain && 'retain',
        packet.dup && 'dup',
        counted(packet.payload.length, 'byte'),
      );
    case 'subscribe':
      return join(
        name,
        `#${packet.packetId}`,
        ...packet.subscriptions.map(({ filter, qos }) => `${printable(filter)} q${qos}`),
      );
    case 'unsubscribe':
      return join(name, `#${packet.packetId}`, ...packet.filters.map(printable));
    case 'suback':
      return join(name, `#${packet.packetId}`, ...packet.reasonCodes.map(grantOf), reason(packet));
    case 'unsuback':
      return join(name, `#${packet.packetId}`, ...packet.reasonCodes.map(named), reason(packet));
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return join(name, `#${packet.packetId}`, packet.reasonCode > 0 && named(packet.reasonCode), reason(packet));
    case 'disconnect':
    case 'auth':
      return join(name, named(packet.reasonCode), reason(packet));
    default:
      return name;
  }
}

const join = (...parts: (string | false)[]): string => parts.filter((part) => part !== false && part !== '').join(' ');

const hex = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`;
const named = (code: number): string =>
  code === 0 ? '' : [...new Set([hex(code), reasonCodeName(code).toLowerCase().replaceAll('_', ' ')])].join(' ');
/** 0 to 2 is the granted QoS. */
const grantOf = (code: number): string => (code < 3 ? `q${code}` : named(code));

function reason({ properties }: { readonly properties?: { readonly reasonString?: string } | undefined }): string {
  return properties?.reasonString === undefined ? '' : `"${printable(properties.reasonString)}"`;
}
