import { ProtocolError } from '../errors.js';
import { ReasonCode } from './reason-codes.js';

/** The bytes cannot be parsed: 0x81. */
export function malformed(problem: string, cause?: unknown): ProtocolError {
  return new ProtocolError(`Malformed packet: ${problem}`, { reasonCode: ReasonCode.MALFORMED_PACKET, cause });
}

/** The bytes can be parsed but break a rule: 0x82, unless the standard has a specific code. */
export function violation(problem: string, reasonCode: number = ReasonCode.PROTOCOL_ERROR): ProtocolError {
  return new ProtocolError(`Protocol error: ${problem}`, { reasonCode });
}
