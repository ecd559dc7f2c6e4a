import { ProtocolError } from '../../errors.js';
import type { Packet } from '../../packet/packets.js';
import type { BrokerContext } from './broker-context.js';
import type { Client, InboundPacket } from './connected-client.js';
import type { Ending } from './ending.js';
import { handleAuth } from './handlers/auth.js';
import { handleDisconnect } from './handlers/disconnect.js';
import { handlePublish } from './handlers/publish.js';
import { handleSubscribe } from './handlers/subscribe.js';
import { handleUnsubscribe } from './handlers/unsubscribe.js';

/**
 * Gives a packet of a connected client to its handler.
 * @throws ProtocolError for a packet that a connected client may not send.
 */
export function handlePacket(packet: Packet, client: Client, broker: BrokerContext, connection: Ending): void {
  switch (packet.cmd) {
    case 'publish':
      return handlePublish(packet, client, broker, connection);
    case 'pubrel':
      return handlePublish(packet as InboundPacket, client, broker, connection);
    case 'puback':
    case 'pubrec':
    case 'pubcomp':
      return client.session.acknowledged(packet);
    case 'pingreq':
      return client.writer.send({ cmd: 'pingresp' });
    case 'subscribe':
      return handleSubscribe(packet, client, broker);
    case 'unsubscribe':
      return handleUnsubscribe(packet, client, broker);
    case 'disconnect':
      handleDisconnect(packet, client, broker);
      return connection.close();
    case 'auth':
      return handleAuth(packet, client);
    default:
      // [MQTT-3.1.0-2]
      throw new ProtocolError(`a connected client may not send ${packet.cmd.toUpperCase()}`, { reasonCode: 0x82 });
  }
}
