import { ProtocolError } from '../errors.js';
import type { UnsubscribePacket } from '../packet/packets.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { topicFilterProblem } from '../topic/topic-filter.js';
import type { BrokerCore } from './broker-core.js';
import type { Client } from './client.js';

/**
 * Answers UNSUBSCRIBE: filters are compared character by character [MQTT-3.10.4-1], and what has begun to be delivered
 * is delivered [MQTT-3.10.4-3].
 * @throws ProtocolError for a filter that breaks the rules of section 4.7 or 4.8.
 */
export function unsubscribe(packet: UnsubscribePacket, client: Client, core: BrokerCore): void {
  const { session } = client;
  for (const filter of packet.filters) {
    const problem = topicFilterProblem(filter);
    if (problem !== undefined) throw new ProtocolError(`a topic filter ${problem}`, { reasonCode: 0x81 });
  }
  const reasonCodes = packet.filters.map((filter) => {
    const subscription = session.subscriptions.get(filter);
    if (subscription === undefined) return ReasonCode.NO_SUBSCRIPTION_EXISTED;
    session.subscriptions.delete(filter);
    core.subscriptions.remove(subscription);
    session.stored?.unsubscribed(filter);
    return ReasonCode.SUCCESS;
  });
  core.whenStored(session, () => client.port.send({ cmd: 'unsuback', packetId: packet.packetId, reasonCodes }));
}
