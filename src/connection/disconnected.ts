import { ConnectError, ErrorCode } from '../errors.js';
import type { DisconnectPacket } from '../packet/packets.js';
import { reasonCodeName } from '../packet/reason-codes.js';
import { quoted } from '../quoted.js';

/** The broker sent DISCONNECT. */
export function disconnected(packet: DisconnectPacket): ConnectError {
  const { reasonCode, properties } = packet;
  return new ConnectError(
    `the broker ended the connection: ${reasonCodeName(reasonCode)}${reasonInParentheses(properties?.reasonString)}`,
    { code: ErrorCode.DISCONNECTED, reasonCode, serverReference: properties?.serverReference },
  );
}

/** The reason string of a packet in parentheses, if it has one. */
export function reasonInParentheses(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${quoted(reason)})`;
}
