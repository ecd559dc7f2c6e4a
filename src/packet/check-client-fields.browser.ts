import { checkCredentials, checkWillPayload } from './check-fields.js';
import type { ClientPacket } from './check-client-fields.js';

/**
 * Takes the place of `check-client-fields.ts` in browsers, where packets come from the client alone. It has checked the
 * options, filters and numbers that they are made of; what `beforeConnect` gives is left.
 */
export function checkClientFields(packet: ClientPacket): void {
  if (packet.cmd !== 'connect') return;
  checkCredentials(packet);
  if (packet.will !== undefined) checkWillPayload(packet.will.payload);
}
