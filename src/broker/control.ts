import type { OperatorFunction } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { AckPacket, DisconnectPacket, PublishPacket } from '../packet/packets.js';
import { operate } from '../rx/operate.js';
import type { AfterAcknowledge } from '../session/acknowledge.js';
import type { BrokerCore } from './broker-core.js';
import type { Client } from './client.js';
import { reauthenticate } from './enhanced-authentication.js';
import { subscribe } from './subscribe.js';
import { unsubscribe } from './unsubscribe.js';

/** What is left once everything but the messages was answered. */
export type MessagePacket = PublishPacket | (AckPacket & { cmd: 'pubrel' });

/**
 * Answers SUBSCRIBE, UNSUBSCRIBE and PINGREQ, and lets PUBLISH and PUBREL pass. Completes at DISCONNECT; errors with
 * `ProtocolError` for what a connected client may not send.
 */
export function control(client: Client, core: BrokerCore): OperatorFunction<AfterAcknowledge, MessagePacket> {
  return operate((subscriber) => (packet) => {
    switch (packet.cmd) {
      case 'publish':
      case 'pubrel':
        return subscriber.next(packet);
      case 'pingreq':
        return client.port.send({ cmd: 'pingresp' });
      case 'subscribe':
        subscriber.add(subscribe(packet, client, core));
        return;
      case 'unsubscribe':
        return unsubscribe(packet, client, core);
      case 'disconnect':
        takeLeave(packet, client, core);
        return subscriber.complete();
      case 'auth':
        subscriber.add(reauthenticate(packet, client));
        return;
      default:
        // [MQTT-3.1.0-2]
        throw new ProtocolError(`a connected client may not send ${packet.cmd.toUpperCase()}`, { reasonCode: 0x82 });
    }
  });
}

function takeLeave({ reasonCode, properties }: DisconnectPacket, client: Client, core: BrokerCore): void {
  const { session } = client;
  const interval = properties?.sessionExpiryInterval;
  if (interval !== undefined) {
    if (interval > 0 && session.expiryInterval === 0) {
      throw new ProtocolError('DISCONNECT extends a session that was to end with its connection', { reasonCode: 0x82 });
    }
    session.expiryInterval = Math.min(interval === 0xffffffff ? Infinity : interval, core.limits.sessionExpiry);
  }
  client.endCode = reasonCode;
  // [MQTT-3.14.4-3], and any DISCONNECT on 3.1.1.
  if (reasonCode === 0) client.will = undefined;
}
