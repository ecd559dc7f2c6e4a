import { ErrorCode, SubscribeError } from '../errors.js';
import type { SubscriptionRequest } from '../subscription/subscription-request.js';
import { parseShare, topicFilterProblem } from '../topic/topic-filter.js';
import { checkChoice, refuseUnknown } from './check-options.js';
import type { SubscribeOptions } from './client-options.js';
import { toProperties } from './properties-input.js';

const KNOWN = ['qos', 'noLocal', 'retainAsPublished', 'retainHandling', 'ack', 'linger', 'properties'] as const;

/**
 * Checks the arguments of `subscribe()`.
 * @throws SubscribeError that names the filter; TypeError for an option that is unknown or of the wrong type.
 */
export function toSubscriptionRequest(filters: readonly string[], options: SubscribeOptions = {}): SubscriptionRequest {
  refuseUnknown(options, KNOWN, 'subscribe');
  const { qos = 0, noLocal = false, retainAsPublished = false, retainHandling = 0, ack = 'auto', linger = 0 } = options;
  const filter = filters[0] ?? '';
  if (qos !== 0 && qos !== 1 && qos !== 2) {
    throw new SubscribeError(`subscribe to "${filter}" failed: QoS is ${String(qos)}; give 0, 1 or 2`, {
      filter,
      code: ErrorCode.INVALID_QOS,
    });
  }
  checkChoice('retainHandling', retainHandling, [0, 1, 2], 'subscribe');
  if (ack !== 'auto' && ack !== 'manual') throw new TypeError(`subscribe: ack is invalid; give 'auto' or 'manual'`);
  if (!(linger >= 0 && Number.isFinite(linger)))
    throw new TypeError('subscribe: linger is invalid; give a number of ms from 0');
  const shared = noLocal ? filters.find((candidate) => parseShare(candidate) !== undefined) : undefined;
  if (shared !== undefined) {
    throw new SubscribeError(`subscribe to "${shared}" failed: noLocal is not allowed with a shared subscription`, {
      filter: shared,
      code: ErrorCode.INVALID_OPTION,
    });
  }
  return {
    qos,
    noLocal,
    retainAsPublished,
    retainHandling,
    manualAck: ack === 'manual',
    linger,
    properties: options.properties === undefined ? undefined : toProperties(options.properties, 'subscribe'),
  };
}

/** The filters as a list without duplicates, all of them valid. */
export function toFilters(filters: string | readonly string[]): readonly string[] {
  const list = typeof filters === 'string' ? [filters] : [...new Set(filters)];
  if (list.length === 0) {
    throw new SubscribeError('no topic filter was given; give at least one', {
      filter: '',
      code: ErrorCode.INVALID_FILTER,
    });
  }
  for (const filter of list) {
    const problem = topicFilterProblem(filter);
    if (problem === undefined) continue;
    throw new SubscribeError(`the topic filter "${String(filter)}" ${problem}`, {
      filter: String(filter),
      code: ErrorCode.INVALID_FILTER,
    });
  }
  return list;
}
