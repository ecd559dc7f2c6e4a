import { ConnectError, ErrorCode, ProtocolError } from '../errors.js';
import type { ConnackPacket, ConnectPacket, Packet } from '../packet/packets.js';
import { ConnectReturnCode, reasonCodeName } from '../packet/reason-codes.js';
import { quoted } from '../quoted.js';
import { disconnected, reasonInParentheses } from './disconnected.js';

/** Checks that the first packet is a CONNACK [MQTT-3.2.0-1] that accepts the connection and fits CONNECT. */
export function expectConnack(packet: Packet, connect: ConnectPacket, url: string): ConnackPacket {
  if (packet.cmd === 'disconnect') throw disconnected(packet);
  if (packet.cmd !== 'connack') {
    throw new ProtocolError(`the broker sent ${packet.cmd.toUpperCase()} before CONNACK`, { reasonCode: 0x82 });
  }
  if (packet.reasonCode !== 0) throw refused(packet, connect, url);
  if (packet.sessionPresent && connect.clean) {
    throw new ProtocolError('the broker continued a session after a clean start', { reasonCode: 0x82 });
  }
  if (connect.protocolVersion === 5) {
    if (connect.clientId === '' && packet.properties?.assignedClientIdentifier === undefined) {
      throw new ProtocolError('the broker assigned no client identifier', { reasonCode: 0x82 });
    }
    requireOwnIdentifier(packet, connect);
    if (packet.properties?.authenticationMethod !== connect.properties?.authenticationMethod) {
      throw new ProtocolError('CONNACK names another authentication method than CONNECT', { reasonCode: 0x82 });
    }
  }
  return packet;
}

/** What to check, by reason code and by return code of 3.1.1. */
const HINTS: Readonly<Record<number, string>> = {
  0x01: 'protocolVersion',
  0x02: 'clientId',
  0x04: 'username and password',
  0x05: 'username and password, and their permissions at the broker',
  0x84: 'protocolVersion',
  0x85: 'clientId',
  0x86: 'username and password',
  0x87: 'username and password, and their permissions at the broker',
  0x8c: 'auth',
};

/**
 * A server assigns an identifier only to a client without one [MQTT-3.1.3-7]; another identifier means another session.
 */
function requireOwnIdentifier({ properties }: ConnackPacket, { clientId }: ConnectPacket): void {
  const assigned = properties?.assignedClientIdentifier;
  if (clientId === '' || assigned === undefined || assigned === clientId) return;
  throw new ProtocolError(
    `the broker assigned the client identifier ${quoted(assigned)} although we are ${quoted(clientId)}`,
    {
      reasonCode: 0x82,
    },
  );
}

function refused(connack: ConnackPacket, connect: ConnectPacket, url: string): ConnectError {
  const { reasonCode, properties } = connack;
  const name = connect.protocolVersion === 5 ? reasonCodeName(reasonCode) : returnCodeName(reasonCode);
  // Some services take parameters behind a question mark, signatures among them.
  const user =
    connect.username === undefined ? 'without a user name' : `as user ${quoted(connect.username.split('?')[0] ?? '')}`;
  const hint = HINTS[reasonCode];
  return new ConnectError(
    `the broker at ${url} refused the connection of client ${quoted(connect.clientId)} ${user}: ` +
      `${name}${reasonInParentheses(properties?.reasonString)}${hint === undefined ? '' : `; check ${hint}`}`,
    { code: ErrorCode.CONNECTION_REFUSED, reasonCode, serverReference: properties?.serverReference },
  );
}

function returnCodeName(code: number): string {
  const known = Object.entries(ConnectReturnCode).find(([, value]) => value === code);
  return known?.[0] ?? `return code ${code}`;
}
