import { ProtocolError } from '../../../errors.js';
import type { AuthPacket } from '../../../packet/packets.js';
import { allowedReasonCodes, ReasonCode } from '../../../packet/reason-codes.js';
import { type CheckedPrincipal, endOf } from '../../access/client-principal.js';
import { authPacket } from '../authenticate.js';
import type { Client } from '../connected-client.js';
import { watchExpiry } from '../watch-expiry.js';

/**
 * AUTH of a connected client: starts a re-authentication (0x19) or continues it (section 4.12.1). The agreed parameters
 * stay in force meanwhile; a refusal ends the connection [MQTT-4.12.1-2].
 * @throws ProtocolError for another method than that of CONNECT, for a step out of order, and for too many of them.
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
  if (client.exchange === undefined && !authentication.recent.take()) {
    throw new ProtocolError('the client re-authenticates too often', { reasonCode: ReasonCode.MESSAGE_RATE_TOO_HIGH });
  }
  client.exchange ??= authentication.begin();
  if (!client.exchange.expectsStep) {
    throw new ProtocolError('AUTH came before the answer to the last one, or there are too many', { reasonCode: 0x82 });
  }
  const step = client.exchange.next(packet.properties.authenticationData);
  client.work.add(
    step.subscribe(({ reasonCode, data, principal, goesOn }) => {
      if (!goesOn) client.exchange = undefined;
      if (reasonCode !== 0) return writer.disconnect(disconnectCode(reasonCode));
      if (!goesOn) {
        // It is another client now, whose session this is not, or its rights have changed.
        if (!isSame(principal, client)) return writer.disconnect(ReasonCode.NOT_AUTHORIZED);
        client.expiresAt = endOf(principal) ?? client.expiresAt;
        watchExpiry(client);
      }
      writer.send(authPacket(goesOn ? 0x18 : 0, authentication.method, data));
    }),
  );
}

/** Whether a re-authentication agrees with CONNECT in every field that it gives. */
function isSame({ username, clientId, mountPoint, maxQos }: CheckedPrincipal, client: Client): boolean {
  return (
    (username ?? client.username) === client.username &&
    (clientId ?? client.clientId) === client.clientId &&
    (mountPoint ?? client.mountPoint) === client.mountPoint &&
    Math.min(maxQos ?? client.maxQos, client.policy.maxQos) === client.maxQos
  );
}

/** DISCONNECT does not know all codes of CONNACK, such as 0x88. */
function disconnectCode(reasonCode: number): number {
  return allowedReasonCodes.disconnect.server.has(reasonCode) ? reasonCode : ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
}
