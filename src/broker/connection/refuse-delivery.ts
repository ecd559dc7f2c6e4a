import { ErrorCode, PublishError } from '../../errors.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { OutgoingPublish } from '../../session/outgoing-publish.js';
import type { DeliveryRequest } from '../access/requests.js';
import type { BrokerCounters } from '../counters.js';
import type { Client } from './connected-client.js';

/** Asks whether a message that is about to leave may go to its client; counts those that may not. */
export function refuseDelivery(
  client: Client,
  mayReceive: (request: DeliveryRequest) => boolean,
  counters: BrokerCounters,
): (message: OutgoingPublish) => PublishError | undefined {
  const { clientId } = client;
  return ({ topic, payload, qos, retain, properties }) => {
    if (mayReceive({ client, clientId, topic, payload, qos, retain, properties })) return undefined;
    counters.undelivered++;
    return new PublishError(`delivery of "${topic}" failed: the client may not receive it`, {
      code: ErrorCode.PUBLISH_REFUSED,
      reasonCode: ReasonCode.NOT_AUTHORIZED,
    });
  };
}
