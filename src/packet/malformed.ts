import { ProtocolError } from '../errors.js';
import { ReasonCode } from './reason-codes.js';

/** Bytes that cannot be parsed according to the standard: 0x81. */
export function malformed(problem: string, cause?: unknown): ProtocolError {
  return new ProtocolError(`Malformed packet: ${problem}`, { reasonCode: ReasonCode.MALFORMED_PACKET, cause });
}

/** Bytes that can be parsed, but say what must not be said: 0x82, unless the standard has a code of its own for it. */
export function violation(problem: string, reasonCode: number = ReasonCode.PROTOCOL_ERROR): ProtocolError {
  return new ProtocolError(`Protocol error: ${problem}`, { reasonCode });
}
