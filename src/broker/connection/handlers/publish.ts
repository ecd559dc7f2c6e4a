import { Observable } from 'rxjs';
import { AckQueue } from '../../../session/ack-queue.js';
import { receive } from '../../../session/receive.js';
import { acceptMessages } from '../accept-messages.js';
import type { BrokerContext } from '../broker-context.js';
import type { Client, InboundPacket } from '../connected-client.js';
import type { Ending } from '../ending.js';

/** Takes PUBLISH and PUBREL: answers by QoS, and dispatches each message that the hooks allow. */
export function handlePublish(packet: InboundPacket, client: Client, broker: BrokerContext, connection: Ending): void {
  if (client.inbound === undefined) begin(client, broker, connection);
  client.inbound?.next(packet);
}

function begin(client: Client, broker: BrokerContext, connection: Ending): void {
  const { limits, logs } = broker;
  const { openIds, log } = client.session;
  const port = logs?.writeAhead(client.writer) ?? client.writer;
  const acks = new AckQueue(port, { openIds, log });
  const packets$ = new Observable<InboundPacket>((subscriber) => {
    client.inbound = subscriber;
  });
  const options = {
    openIds,
    log,
    acks,
    port,
    receiveMaximum: client.protocolVersion === 5 ? client.policy.receiveMaximum : 65535,
    topicAliasMaximum: limits.topicAliases,
  };
  client.work.add(
    packets$
      .pipe(receive(options), acceptMessages(client, acks, broker))
      .subscribe({ error: (error: unknown) => connection.end(error) }),
  );
}
