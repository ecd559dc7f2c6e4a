import { ConnectError, ErrorCode, type MqttError, ProtocolError } from '../errors.js';
import type { DisconnectPacket } from '../packet/packets.js';
import { allowedReasonCodes, reasonCodeName } from '../packet/reason-codes.js';

/** The broker sent DISCONNECT. A code that no server may send there says nothing about the client (section 3.14.2.1). */
export function disconnected(packet: DisconnectPacket): MqttError {
  const { reasonCode, properties } = packet;
  if (!allowedReasonCodes.disconnect.server.has(reasonCode)) {
    return new ProtocolError(
      `the broker sent DISCONNECT with ${reasonCodeName(reasonCode)}, which a server may not send`,
      { reasonCode: 0x82 },
    );
  }
  return new ConnectError(
    `the broker ended the connection: ${reasonCodeName(reasonCode)}${reasonInParentheses(properties?.reasonString)}`,
    { code: ErrorCode.DISCONNECTED, reasonCode, serverReference: properties?.serverReference },
  );
}

/** The reason string of a packet in parentheses, if it has one. */
export function reasonInParentheses(reason: string | undefined): string {
  return reason === undefined ? '' : ` ("${reason}")`;
}
