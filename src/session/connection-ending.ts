import { ErrorCode, type MqttError } from '../errors.js';

/**
 * Whether a connection may have ended because of a packet that the peer did not answer.
 * - `'blamed'`: DISCONNECT with a code that may be about a packet of ours.
 * - `'closed'`: the peer, or a proxy, closed in order and gave no reason.
 * - `'broken'`: the line broke.
 * - `'other'`: no, because the reason is known and has nothing to do with a packet.
 */
export type ConnectionEnding = 'blamed' | 'closed' | 'broken' | 'other';

/** DISCONNECT codes about the connection or the broker, and not about a packet. */
const BLAMELESS: ReadonlySet<number> = /* @__PURE__ */ new Set([
  0x00, // normal disconnection
  0x89, // server busy
  0x8b, // server shutting down
  0x8d, // keep-alive timeout
  0x8e, // session taken over
  0x93, // receive maximum exceeded
  0x96, // message rate too high
  0x97, // quota exceeded
  0x98, // administrative action
  0x9c, // use another server
  0x9d, // server moved
  0x9f, // connection rate exceeded
  0xa0, // maximum connect time
]);

export function endingOf({ code, reasonCode }: MqttError): ConnectionEnding {
  if (code === ErrorCode.CONNECTION_LOST) return 'broken';
  if (code !== ErrorCode.DISCONNECTED) return 'other';
  if (reasonCode === undefined) return 'closed';
  return BLAMELESS.has(reasonCode) ? 'other' : 'blamed';
}
