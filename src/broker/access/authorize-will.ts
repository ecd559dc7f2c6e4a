import type { Observable } from 'rxjs';
import type { PublishProperties, WillPacket } from '../../packet/packets.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { isTooLong, type BrokerLimits } from '../broker-limits.js';
import type { Access } from './access.js';
import type { ConnectedClient } from './connected-client.js';
import { isReserved } from './is-reserved.js';
import { NO_MOUNT_POINT } from './mount-point.js';

/**
 * Whether a client may leave this will: 0, or a reason code. These are the checks of any PUBLISH, made at CONNECT and
 * again when the will is published, because rights may have been withdrawn.
 *
 * @param sender - the client as it connected, if it is known.
 */
export function authorizeWill(
  { topic, payload, qos, retain, properties }: WillPacket,
  clientId: string,
  sender: ConnectedClient | undefined,
  access: Access,
  limits: BrokerLimits,
): number | Observable<number> {
  const { responseTopic = '' } = properties ?? {};
  if (isTooLong(topic, limits) || isTooLong(responseTopic, limits)) return ReasonCode.TOPIC_NAME_INVALID;
  if (isReserved(topic, sender?.mountPoint ?? NO_MOUNT_POINT)) return ReasonCode.NOT_AUTHORIZED;
  const request = {
    client: sender,
    clientId,
    will: true,
    topic,
    payload,
    qos,
    retain,
    properties: withoutDelay(properties),
  };
  return access.authorizePublish?.decide(request) ?? 0;
}

/** The properties of a will that its message has: all but the delay. */
export function withoutDelay(properties: WillPacket['properties']): PublishProperties | undefined {
  const { willDelayInterval: _, ...rest } = properties ?? {};
  return Object.keys(rest).length === 0 ? undefined : rest;
}
