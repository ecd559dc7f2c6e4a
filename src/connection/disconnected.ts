import { ConnectError, ErrorCode } from '../errors.js';
import type { DisconnectPacket } from '../packet/packets.js';
import { allowedReasonCodes, reasonCodeName } from '../packet/reason-codes.js';
import { quoted } from '../quoted.js';

/**
 * The error for a DISCONNECT of the broker. A code that a server may not send (section 3.14.2.1) is the broker's
 * protocol error and says nothing about the client; it is not answered, because nothing may follow a DISCONNECT.
 */
export function disconnected(packet: DisconnectPacket): ConnectError {
  const { reasonCode, properties } = packet;
  if (!allowedReasonCodes.disconnect.server.has(reasonCode)) {
    return new ConnectError(
      `the broker sent DISCONNECT with ${reasonCodeName(reasonCode)}, which a server may not send`,
      { code: ErrorCode.PROTOCOL },
    );
  }
  return new ConnectError(
    `the broker ended the connection: ${reasonCodeName(reasonCode)}${reasonInParentheses(properties?.reasonString)}`,
    { code: ErrorCode.DISCONNECTED, reasonCode, serverReference: properties?.serverReference },
  );
}

/** The reason string of a packet in parentheses, if it has one. */
export function reasonInParentheses(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${quoted(reason)})`;
}
