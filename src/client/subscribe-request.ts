import { ErrorCode, SubscribeError } from '../errors.js';
import type { SubscriptionRequest } from '../subscription/subscription-request.js';
import { parseShare, topicFilterProblem } from '../topic/topic-filter.js';
import {
  checkOptions,
  type Checks,
  flag,
  isRecord,
  numberIn,
  oneOf,
  properties,
  shown,
  that,
  unchecked,
} from '../options/check-options.js';
import type { QoS } from '../packet/packets.js';
import type { FilterOptions, FilterRecord, SubscribeOptions } from './client-options.js';
import { toProperties } from './properties-input.js';

const OF_ONE_FILTER: Checks<FilterOptions> = {
  // A wrong QoS is a SubscribeError, which names the filter.
  qos: unchecked,
  noLocal: flag,
  retainAsPublished: flag,
  retainHandling: oneOf(0, 1, 2),
};

const KNOWN: Checks<SubscribeOptions> = {
  ...OF_ONE_FILTER,
  ack: oneOf('auto', 'manual'),
  linger: that((ms) => Number.isFinite(ms) && Number(ms) >= 0, 'a number of ms from 0'),
  ackTimeout: numberIn(1, Infinity, 'ms'),
  properties,
};

/** Filters with the same options. */
export interface RequestedFilters {
  readonly filters: readonly string[];
  readonly request: SubscriptionRequest;
}

/**
 * Checks all arguments of `subscribe()` before any of them takes effect.
 * @param highestQos - the highest QoS to request; the broker supports no more.
 * @throws SubscribeError that names the filter, TypeError for an option that is unknown or of the wrong kind.
 */
export function toSubscriptionRequests(
  given: string | readonly string[] | FilterRecord,
  common: SubscribeOptions | undefined,
  highestQos: QoS = 2,
): RequestedFilters[] {
  const shared = checkOptions<SubscribeOptions>(common, KNOWN, 'subscribe');
  if (!isRecord(given)) {
    const filters = toFilters(given);
    return [{ filters, request: toSubscriptionRequest(filters, shared, highestQos) }];
  }
  return toFilters(Object.keys(given)).map((filter) => {
    const own = given[filter];
    const options =
      typeof own === 'object'
        ? checkOptions<FilterOptions>(own, OF_ONE_FILTER, `subscribe to "${filter}"`)
        : { qos: own as QoS };
    return { filters: [filter], request: toSubscriptionRequest([filter], { ...shared, ...options }, highestQos) };
  });
}

/** @throws SubscribeError that names the filter. */
function toSubscriptionRequest(
  filters: readonly string[],
  options: SubscribeOptions,
  highestQos: QoS,
): SubscriptionRequest {
  const { qos = 0, noLocal = false, retainAsPublished = false, retainHandling = 0, ack = 'auto', linger = 0 } = options;
  const filter = filters[0] ?? '';
  if (qos !== 0 && qos !== 1 && qos !== 2) {
    throw new SubscribeError(`subscribe to "${filter}" failed: QoS is ${shown(qos)}; give 0, 1 or 2`, {
      filter,
      code: ErrorCode.INVALID_QOS,
    });
  }
  const shared = noLocal ? filters.find((candidate) => parseShare(candidate) !== undefined) : undefined;
  if (shared !== undefined) {
    throw new SubscribeError(`subscribe to "${shared}" failed: noLocal is not allowed with a shared subscription`, {
      filter: shared,
      code: ErrorCode.INVALID_OPTION,
    });
  }
  return {
    qos: qos > highestQos ? highestQos : qos,
    noLocal,
    retainAsPublished,
    retainHandling,
    manualAck: ack === 'manual',
    linger,
    ackTimeout: options.ackTimeout,
    properties: options.properties === undefined ? undefined : toProperties(options.properties, 'subscribe'),
  };
}

/** The filters as a list without duplicates, all of them valid. */
export function toFilters(filters: string | readonly string[]): readonly string[] {
  const list = Array.isArray(filters) ? [...new Set<unknown>(filters)] : [filters];
  if (list.length === 0) throw invalid('', 'no topic filter was given; give at least one');
  for (const filter of list) {
    const problem = topicFilterProblem(filter);
    if (problem !== undefined) throw invalid(filter, `the topic filter ${shown(filter)} ${problem}`);
  }
  return list as string[];
}

function invalid(filter: unknown, message: string): SubscribeError {
  return new SubscribeError(message, {
    filter: typeof filter === 'string' ? filter : shown(filter),
    code: ErrorCode.INVALID_FILTER,
  });
}
