import { isBytes } from '../bytes.js';
import { ErrorCode, MqttError } from '../errors.js';
import { textProblem } from '../topic/text-problem.js';
import type { ConnectPacket } from './packets.js';

/**
 * Checks user name and password, which may change with each attempt.
 * @throws MqttError that names the field but does not quote its value.
 */
export function checkCredentials({ username, password, protocolVersion }: ConnectPacket): void {
  if (username !== undefined) checkText(username, 'CONNECT', 'user name');
  if (password === undefined) return;
  checkSize(password, 'password');
  if (username === undefined && protocolVersion !== 5) {
    throw refused('CONNECT', 'it has a password without a user name, which only MQTT 5 allows');
  }
}

export function checkText(
  text: string,
  packet: string,
  field: string,
  code: ErrorCode = ErrorCode.INVALID_OPTION,
): void {
  const problem = textProblem(text);
  if (problem !== undefined) throw refused(packet, `its ${field} ${problem}`, code);
}

export function checkSize(bytes: Uint8Array, field: string): void {
  if (!isBytes(bytes)) throw refused('CONNECT', `its ${field} is not a Uint8Array`);
  if (bytes.length > 0xffff) throw refused('CONNECT', `its ${field} is longer than 65535 bytes`);
}

export function checkPacketId(packetId: number, packet: string): void {
  if (!isWhole(packetId, 1, 0xffff))
    throw refused(packet.toUpperCase(), 'its packet identifier is not from 1 to 65535');
}

export function checkCodes(codes: readonly number[], packet: string): void {
  if (codes.length === 0) throw refused(packet, 'it has no reason code');
  if (!codes.every((code) => isWhole(code, 0, 0xff))) throw refused(packet, 'a reason code is not a byte');
}

export function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

export function refused(packet: string, reason: string, code: ErrorCode = ErrorCode.INVALID_OPTION): MqttError {
  return new MqttError(`${packet} cannot be sent: ${reason}`, { code });
}
