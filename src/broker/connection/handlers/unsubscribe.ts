import type { UnsubscribePacket } from '../../../packet/packets.js';
import { ReasonCode } from '../../../packet/reason-codes.js';
import { mountedFilter } from '../../access/mount-point.js';
import type { BrokerContext } from '../broker-context.js';
import { checkFilters } from '../check-filters.js';
import type { Client } from '../connected-client.js';

/**
 * Answers UNSUBSCRIBE, after the SUBSCRIBE packets before it. Filters are compared character by character
 * [MQTT-3.10.4-1]; a delivery that has begun is completed [MQTT-3.10.4-3].
 * @throws ProtocolError for an invalid filter.
 */
export function handleUnsubscribe(packet: UnsubscribePacket, client: Client, broker: BrokerContext): void {
  checkFilters(packet.filters);
  const { requests } = client;
  if (requests === undefined) return answer(packet, client, broker);
  requests.add(
    () => [],
    () => answer(packet, client, broker),
  );
}

function answer({ filters, packetId }: UnsubscribePacket, client: Client, broker: BrokerContext): void {
  const { session, writer } = client;
  if (session.port !== writer) return;
  const { NO_SUBSCRIPTION_EXISTED, SUCCESS } = ReasonCode;
  const reasonCodes = filters.map((filter) =>
    broker.sessions.unsubscribe(session.clientId, mountedFilter(session.mountPoint, filter))
      ? SUCCESS
      : NO_SUBSCRIPTION_EXISTED,
  );
  session.whenDurable(() => writer.send({ cmd: 'unsuback', packetId, reasonCodes }));
}
