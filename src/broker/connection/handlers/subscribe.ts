import type { Observable } from 'rxjs';
import type { SubscribePacket } from '../../../packet/packets.js';
import { ReasonCode } from '../../../packet/reason-codes.js';
import { mountedFilter } from '../../access/mount-point.js';
import { Subscription } from '../../routing/subscription.js';
import type { BrokerContext } from '../broker-context.js';
import { checkFilters } from '../check-filters.js';
import { decideFilter } from '../decide-filter.js';
import type { FilterDecision } from '../filter-decision.js';
import type { Client } from '../connected-client.js';
import { SUBACK_REASONS } from '../reason-strings.js';
import { SubscriptionRequests } from '../subscription-requests.js';

/**
 * Answers SUBSCRIBE: at once, or when the hooks have decided on all of its filters.
 * @throws ProtocolError for an invalid filter.
 */
export function handleSubscribe(packet: SubscribePacket, client: Client, broker: BrokerContext): void {
  checkFilters(packet.subscriptions.map(({ filter }) => filter));
  const ask = (): (FilterDecision | Observable<FilterDecision>)[] =>
    packet.subscriptions.map((asked) => decideFilter(asked, client, broker));
  const { authorizeSubscribe, interceptors } = broker.access;
  const hasHooks = authorizeSubscribe !== undefined || !interceptors.subscribes.isEmpty;
  // Without a hook there is nothing to wait for, unless one was there a moment ago.
  if (!hasHooks && client.requests === undefined) return answer(packet, ask() as FilterDecision[], client, broker);
  client.requests ??= new SubscriptionRequests(client);
  client.requests.add(ask, (decisions) => answer(packet, decisions, client, broker));
}

/** Adds what is allowed, answers for each filter in order [MQTT-3.8.4-6], then sends the retained messages. */
function answer(
  packet: SubscribePacket,
  decisions: readonly FilterDecision[],
  client: Client,
  broker: BrokerContext,
): void {
  const { session, writer } = client;
  if (session.port !== writer) return;
  const { packetId, properties, subscriptions } = packet;
  const identifier = properties?.subscriptionIdentifier;
  const replays: Subscription[] = [];
  const reasonCodes = decisions.map((asked) => {
    if (typeof asked === 'number') return asked;
    const { effective } = asked;
    const subscription = new Subscription(session, asked, typeof identifier === 'number' ? identifier : 0, effective);
    if (!hasRoomFor(subscription, client, broker)) return ReasonCode.QUOTA_EXCEEDED;
    if (add(subscription, client, broker)) replays.push(subscription);
    return asked.qos;
  });
  session.whenDurable(() => {
    const codes = subackCodes(reasonCodes, client);
    const refusal = codes.find((code) => code >= 0x80);
    const reason = refusal === undefined ? undefined : SUBACK_REASONS.get(refusal);
    writer.refuse({ cmd: 'suback', packetId, reasonCodes: codes }, reason);
    // One that the packet itself has replaced gets nothing.
    for (const subscription of replays) {
      if (session.isCurrent(subscription)) session.replay(subscription, broker.retained);
    }
  });
  if (!broker.events.subscribed.observed) return;
  subscriptions.forEach(({ filter }, index) => {
    const name = mountedFilter(client.mountPoint, filter);
    broker.events.subscribed.next({ client, filter: name, reasonCode: reasonCodes[index] ?? 0 });
  });
}

function hasRoomFor(subscription: Subscription, { session }: Client, { limits }: BrokerContext): boolean {
  const { subscriptions } = session;
  if (subscriptions.has(subscription.filter)) return true;
  return subscriptions.size < limits.subscriptions && session.hasRoomForSubscription(subscription);
}

/** Adds or replaces a subscription; returns whether its retained messages are to be sent. */
function add(subscription: Subscription, { policy, session }: Client, broker: BrokerContext): boolean {
  const earlier = session.subscriptions.get(subscription.filter);
  if (earlier === undefined) broker.subscriptions.add(subscription);
  else broker.subscriptions.replace(earlier, subscription);
  // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]
  const { group, retainHandling } = subscription;
  const isNew = earlier === undefined || session.isRetainedPending(earlier);
  // Shared subscriptions get no retained messages.
  const getsRetained =
    policy.retainAvailable && group === undefined && (retainHandling === 0 || (retainHandling === 1 && isNew));
  session.subscribe(subscription, getsRetained);
  return getsRetained;
}

const allowed: readonly number[] = [0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];

/** [MQTT-3.9.3-2]; 3.1.1 has one code for all refusals. */
function subackCodes(codes: readonly number[], { protocolVersion }: Client): number[] {
  return codes.map((code) => {
    if (code < 0x80) return code;
    return protocolVersion === 5 && allowed.includes(code) ? code : 0x80;
  });
}
