import { ProtocolError } from '../../../errors.js';
import type { AuthPacket } from '../../../packet/packets.js';
import { authPacket } from '../authenticate.js';
import type { Client } from '../connected-client.js';

/**
 * AUTH of a connected client: it begins to prove itself anew (0x19), or goes on with that (section 4.12.1). What was
 * agreed stays in force meanwhile; a refusal ends the connection [MQTT-4.12.1-2].
 * @throws ProtocolError where no method was agreed on, or another one, or no exchange goes on.
 */
export function handleAuth(packet: AuthPacket, client: Client): void {
  const { authentication, writer } = client;
  if (authentication === undefined || packet.properties?.authenticationMethod !== authentication.method) {
    throw new ProtocolError('AUTH has no method, or not that of CONNECT', { reasonCode: 0x82 });
  }
  if ((packet.reasonCode === 0x19) === (client.exchange !== undefined)) {
    throw new ProtocolError('AUTH begins an exchange within another, or goes on with none', { reasonCode: 0x82 });
  }
  client.exchange ??= authentication.begin();
  const step = client.exchange.next(packet.properties.authenticationData);
  client.work.add(
    step.subscribe(({ reasonCode, data, goesOn }) => {
      if (!goesOn) client.exchange = undefined;
      if (reasonCode !== 0) return writer.disconnect(reasonCode);
      writer.send(authPacket(goesOn ? 0x18 : 0, authentication.method, data));
    }),
  );
}
