import { forkJoin, of, Subscription, type Observable } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { SubscribePacket, Subscription as Asked } from '../packet/packets.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { topicFilterProblem } from '../topic/topic-filter.js';
import type { BrokerCore } from './broker-core.js';
import type { Client } from './client.js';
import { ClientSubscription } from './client-subscription.js';
import { hasTooManyLevels } from './limits.js';
import { SUBACK_REASONS } from './reason-strings.js';

/**
 * Answers SUBSCRIBE: at once, or when the authorizers have decided about all of its filters.
 * @throws ProtocolError for a filter that breaks the rules of section 4.7 or 4.8.
 */
export function subscribe(packet: SubscribePacket, client: Client, core: BrokerCore): Subscription {
  for (const { filter } of packet.subscriptions) {
    const problem = topicFilterProblem(filter);
    if (problem !== undefined) throw new ProtocolError(`a topic filter ${problem}`, { reasonCode: 0x81 });
  }
  const verdicts = packet.subscriptions.map((asked) => authorize(asked, client, core));
  if (verdicts.every((verdict) => typeof verdict === 'number')) {
    grant(packet, verdicts, client, core);
    return Subscription.EMPTY;
  }
  return forkJoin(verdicts.map((verdict) => (typeof verdict === 'number' ? of(verdict) : verdict))).subscribe((codes) =>
    grant(packet, codes, client, core),
  );
}

function authorize({ filter, qos }: Asked, client: Client, core: BrokerCore): number | Observable<number> {
  if (hasTooManyLevels(filter, core.limits.topicLevels)) return ReasonCode.TOPIC_FILTER_INVALID;
  const { clientId } = client;
  return core.authorizeSubscribe?.decide({ client, clientId, filter, qos }) ?? 0;
}

/** Adds what is allowed, answers for each filter in its order [MQTT-3.8.4-6], then sends what is retained. */
function grant(packet: SubscribePacket, verdicts: readonly number[], client: Client, core: BrokerCore): void {
  const { session, port } = client;
  if (session.client !== client) return;
  const identifier = packet.properties?.subscriptionIdentifier;
  const replays: ClientSubscription[] = [];
  const reasonCodes = packet.subscriptions.map((asked, index): number => {
    const verdict = verdicts[index] ?? ReasonCode.UNSPECIFIED_ERROR;
    const earlier = session.subscriptions.get(asked.filter);
    if (verdict !== 0) return verdict;
    if (earlier === undefined && session.subscriptions.size >= core.limits.subscriptions) {
      return ReasonCode.QUOTA_EXCEEDED;
    }
    const subscription = new ClientSubscription(session, asked, typeof identifier === 'number' ? identifier : 0);
    if (earlier === undefined) core.subscriptions.add(subscription);
    else core.subscriptions.replace(earlier, subscription);
    session.subscriptions.set(asked.filter, subscription);
    // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]
    const { retainHandling } = subscription;
    const isNew = earlier === undefined || session.owesRetained(earlier);
    // Shared subscriptions get nothing of what is retained.
    const owed = subscription.group === undefined && (retainHandling === 0 || (retainHandling === 1 && isNew));
    if (owed) replays.push(subscription);
    session.stored?.subscribed(subscription, owed);
    return asked.qos;
  });
  core.whenStored(session, () => {
    const codes = subackCodes(reasonCodes, client);
    const refusal = codes.find((code) => code >= 0x80);
    const reason = refusal === undefined ? undefined : SUBACK_REASONS.get(refusal);
    port.refuse({ cmd: 'suback', packetId: packet.packetId, reasonCodes: codes }, reason);
    for (const subscription of replays) session.replay(subscription, core.retained);
  });
  if (!core.subscribed.observed) return;
  packet.subscriptions.forEach(({ filter }, index) => {
    core.subscribed.next({ client, filter, reasonCode: reasonCodes[index] ?? 0 });
  });
}

const allowed: readonly number[] = [0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];

/** [MQTT-3.9.3-2]; 3.1.1 has one word for all refusals. */
function subackCodes(codes: readonly number[], { protocolVersion }: Client): number[] {
  return codes.map((code) => {
    if (code < 0x80) return code;
    return protocolVersion === 5 && allowed.includes(code) ? code : 0x80;
  });
}
