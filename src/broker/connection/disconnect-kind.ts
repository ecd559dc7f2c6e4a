import { ConnectError, ProtocolError, TimeoutError } from '../../errors.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { DisconnectKind } from '../events.js';

/** How a connection ends that the client does not end with DISCONNECT. */
export function kindOf(error: unknown, reasonCode: number): DisconnectKind {
  if (error instanceof ProtocolError) return 'protocol-error';
  if (reasonCode === ReasonCode.SESSION_TAKEN_OVER) return 'taken-over';
  // The line, or silence on it.
  return error instanceof ConnectError || error instanceof TimeoutError ? 'lost' : 'kicked';
}
