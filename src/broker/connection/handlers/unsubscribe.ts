import type { UnsubscribePacket } from '../../../packet/packets.js';
import { ReasonCode } from '../../../packet/reason-codes.js';
import type { BrokerContext } from '../broker-context.js';
import { checkFilters } from '../check-filters.js';
import type { Client } from '../connected-client.js';

/**
 * Answers UNSUBSCRIBE. Filters are compared character by character [MQTT-3.10.4-1]; a delivery that has begun is
 * completed [MQTT-3.10.4-3].
 * @throws ProtocolError for an invalid filter.
 */
export function handleUnsubscribe(packet: UnsubscribePacket, client: Client, broker: BrokerContext): void {
  const { session, writer } = client;
  const { filters, packetId } = packet;
  checkFilters(filters);
  const reasonCodes = filters.map((filter) => {
    const subscription = session.subscriptions.get(filter);
    if (subscription === undefined) return ReasonCode.NO_SUBSCRIPTION_EXISTED;
    session.unsubscribe(filter);
    broker.subscriptions.remove(subscription);
    return ReasonCode.SUCCESS;
  });
  session.whenDurable(() => writer.send({ cmd: 'unsuback', packetId, reasonCodes }));
}
