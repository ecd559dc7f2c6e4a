import type { Observable } from 'rxjs';
import type { Subscription as Asked } from '../../packet/packets.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { textProblem } from '../../topic/text-problem.js';
import { parseShare } from '../../topic/topic-filter.js';
import { andThen } from '../access/and-then.js';
import type { SubscribeInterception } from '../access/interception.js';
import { isOfBroker, mountedFilter, NO_MOUNT_POINT } from '../access/mount-point.js';
import { isTooLong } from '../broker-limits.js';
import type { BrokerContext } from './broker-context.js';
import type { Client } from './connected-client.js';
import type { FilterDecision, RequestedFilter } from './filter-decision.js';

/** Decides on one filter: intercept, then authorize. */
export function decideFilter(
  asked: Asked,
  client: Client,
  broker: BrokerContext,
): FilterDecision | Observable<FilterDecision> {
  const { access, limits } = broker;
  const filter = mountedFilter(client.mountPoint, asked.filter);
  if (isTooLong(filter, limits) || textProblem(filter) !== undefined) {
    return ReasonCode.TOPIC_FILTER_INVALID;
  }
  const wanted: RequestedFilter = { ...withBridge(asked, client), filter, effective: filter };
  if (!mayReachBroker(wanted, client, broker)) return ReasonCode.NOT_AUTHORIZED;
  const { interceptors } = access;
  if (access.authorizeSubscribe === undefined && interceptors.subscribes.isEmpty) return capped(wanted, client);
  const request = requestOf(wanted, client);
  if (interceptors.subscribes.isEmpty) return authorize(wanted, request, client, broker);
  const outcome = interceptors.subscribe(request, client);
  return andThen(outcome, (found): FilterDecision | Observable<FilterDecision> => {
    if (typeof found === 'number') return found;
    const changed = found === request ? wanted : changedFilter(wanted, found);
    if (!mayReachBroker(changed, client, broker)) return ReasonCode.NOT_AUTHORIZED;
    return authorize(changed, found, client, broker);
  });
}

function authorize(
  wanted: RequestedFilter,
  request: SubscribeInterception,
  client: Client,
  { access }: BrokerContext,
): FilterDecision | Observable<FilterDecision> {
  const decision = access.authorizeSubscribe?.decide(request) ?? 0;
  return andThen(decision, (code) => (code === 0 ? capped(wanted, client) : code));
}

/** Below a mount point, `$SYS` needs the consent of an authorizer. */
function mayReachBroker({ effective }: RequestedFilter, { mountPoint }: Client, { access }: BrokerContext): boolean {
  if (mountPoint === NO_MOUNT_POINT || access.authorizeSubscribe !== undefined) return true;
  return !isOfBroker(parseShare(effective)?.filter ?? effective);
}

function requestOf(wanted: RequestedFilter, client: Client): SubscribeInterception {
  const { filter, qos, noLocal = false, retainAsPublished = false, retainHandling = 0 } = wanted;
  const share = parseShare(filter);
  const topicFilter = share?.filter ?? filter;
  const { clientId } = client;
  const options = { qos, noLocal, retainAsPublished, retainHandling };
  return { client, clientId, filter, topicFilter, group: share?.group, ...options };
}

function changedFilter({ filter }: RequestedFilter, found: SubscribeInterception): RequestedFilter {
  const { filter: effective, qos, noLocal, retainAsPublished, retainHandling } = found;
  return { filter, effective, qos, noLocal, retainAsPublished, retainHandling };
}

/** The QoS that is granted. */
function capped(wanted: RequestedFilter, { maxQos }: Client): RequestedFilter {
  return wanted.qos <= maxQos ? wanted : { ...wanted, qos: maxQos };
}

/** Gives a bridge the options that its version cannot ask for. Without them, its messages would loop. */
function withBridge(asked: Asked, { bridge }: Client): Asked {
  if (!bridge) return asked;
  return { ...asked, noLocal: parseShare(asked.filter) === undefined, retainAsPublished: true };
}
