import { ErrorCode, MqttError } from '../errors.js';
import { isWellFormed, utf8Length } from '../utf8.js';
import type { ConnectPacket } from './packets.js';

/**
 * Checks user name and password, which may be new at each attempt.
 * @throws MqttError that names the field; values are not quoted.
 */
export function checkCredentials({ username, password, protocolVersion }: ConnectPacket): void {
  if (username !== undefined) checkText(username, 'CONNECT', 'user name');
  if (password === undefined) return;
  checkSize(password, 'password');
  if (username === undefined && protocolVersion !== 5) {
    throw refused('CONNECT', 'it has a password without a user name, which only MQTT 5 allows');
  }
}

export function checkWillPayload(payload: Uint8Array): void {
  checkSize(payload, 'will payload');
}

export function checkText(
  text: string,
  packet: string,
  field: string,
  code: ErrorCode = ErrorCode.INVALID_OPTION,
): void {
  if (typeof text !== 'string') throw refused(packet, `its ${field} is not a string`, code);
  if (text.includes('\0') || !isWellFormed(text)) {
    throw refused(packet, `its ${field} holds U+0000 or half of a surrogate pair`, code);
  }
  if (utf8Length(text) > 0xffff) throw refused(packet, `its ${field} is longer than 65535 bytes`, code);
}

function checkSize(bytes: Uint8Array, field: string): void {
  if (!(bytes instanceof Uint8Array)) throw refused('CONNECT', `its ${field} is not a Uint8Array`);
  if (bytes.length > 0xffff) throw refused('CONNECT', `its ${field} is longer than 65535 bytes`);
}

export function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

export function refused(packet: string, reason: string, code: ErrorCode = ErrorCode.INVALID_OPTION): MqttError {
  return new MqttError(`${packet} cannot be sent: ${reason}`, { code });
}
