import { ProtocolError } from '../../../errors.js';
import type { AuthPacket } from '../../../packet/packets.js';
import { authPacket } from '../authenticate.js';
import type { Client } from '../connected-client.js';

/**
 * AUTH of a connected client: starts a re-authentication (0x19) or continues it (section 4.12.1). The agreed parameters
 * stay in force meanwhile; a refusal ends the connection [MQTT-4.12.1-2].
 * @throws ProtocolError for another method than that of CONNECT, and for a step out of order.
 */
export function handleAuth(packet: AuthPacket, client: Client): void {
  const { authentication, writer } = client;
  if (authentication === undefined || packet.properties?.authenticationMethod !== authentication.method) {
    throw new ProtocolError('AUTH does not have the method of CONNECT', { reasonCode: 0x82 });
  }
  if ((packet.reasonCode === 0x19) === (client.exchange !== undefined)) {
    throw new ProtocolError('AUTH is out of order: it starts a second exchange, or continues none', {
      reasonCode: 0x82,
    });
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
