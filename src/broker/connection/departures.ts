import { ErrorCode, PublishError } from '../../errors.js';
import { LARGEST_PACKET, type SendLimits } from '../../packet/limits.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { OutgoingPublish } from '../../session/outgoing-publish.js';
import { refusalOf } from '../../session/refusal.js';
import type { Access } from '../access/access.js';
import { NO_MOUNT_POINT, unmounted, unmountedProperties } from '../access/mount-point.js';
import type { BrokerCounters } from '../counters.js';
import type { Client } from './connected-client.js';
import type { Departing, DepartureControl } from './departing.js';

/**
 * What leaves for one client, and how: interceptors and `authorizeDelivery` decide, and the names are the client's own.
 * A message stays what it is in the queue, so that a repetition is decided anew.
 */
export class Departures implements DepartureControl {
  /** Messages that look different to the client, between the decision and the wire. */
  private changed: WeakMap<OutgoingPublish, Departing> | undefined = undefined;

  /** @param limits - what the client takes. */
  constructor(
    private readonly client: Client,
    private readonly access: Access,
    private readonly counters: BrokerCounters,
    private readonly limits: SendLimits,
  ) {}

  get decidesAlways(): boolean {
    return this.limits.maximumPacketSize !== LARGEST_PACKET || this.hasRules;
  }

  get interceptors(): { readonly isEmpty: boolean } {
    return this.access.interceptors.deliveries;
  }

  refusal(message: OutgoingPublish): PublishError | undefined {
    const departing = this.decide(message);
    if (departing === undefined) {
      this.counters.undelivered++;
      return new PublishError(`delivery of "${message.topic}" failed: the client may not receive it`, {
        code: ErrorCode.PUBLISH_REFUSED,
        reasonCode: ReasonCode.NOT_AUTHORIZED,
      });
    }
    const tooLarge = refusalOf(departing, this.limits);
    if (tooLarge === undefined && departing !== message) (this.changed ??= new WeakMap()).set(message, departing);
    return tooLarge;
  }

  of(message: OutgoingPublish): Departing {
    return this.changed?.get(message) ?? message;
  }

  /** Something but interceptors decides for this client. */
  private get hasRules(): boolean {
    return this.access.mayReceive !== undefined || this.client.mountPoint !== NO_MOUNT_POINT;
  }

  /** Undefined when the client may not get it. */
  private decide(message: OutgoingPublish): Departing | undefined {
    const { client, access } = this;
    if (this.interceptors.isEmpty && !this.hasRules) return message;
    const { clientId, mountPoint } = client;
    const { topic, payload, qos, retain, properties } = message;
    const request = { client, clientId, topic, payload, qos, retain, properties };
    const { deliveries } = access.interceptors;
    const outcome = deliveries.isEmpty ? request : access.interceptors.deliver(request, client);
    if (typeof outcome === 'number' || access.mayReceive?.(outcome) === false) return undefined;
    if (mountPoint === NO_MOUNT_POINT) return outcome === request ? message : outcome;
    const seen = unmounted(mountPoint, outcome.topic);
    if (seen === undefined) return undefined;
    const ownProperties = outcome.properties && unmountedProperties(mountPoint, outcome.properties);
    return { ...outcome, topic: seen, properties: ownProperties };
  }
}
