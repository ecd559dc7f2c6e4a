import { Observable, type OperatorFunction } from 'rxjs';
import { ProtocolError } from '../../errors.js';
import type { PublishPacket } from '../../packet/publish-packet.js';
import { allowedReasonCodes, ReasonCode } from '../../packet/reason-codes.js';
import type { AckQueue } from '../../session/ack-queue.js';
import { Fifo } from '../../fifo.js';
import { hasTooManyLevels } from '../broker-limits.js';
import type { BrokerContext } from './broker-context.js';
import type { Client } from './connected-client.js';

/** A message whose authorizer has not answered, or that came behind one. */
interface Held {
  readonly message: PublishPacket;
  verdict: number | undefined;
}

/**
 * Takes the messages of one client: authorizes, dispatches and answers each. What an authorizer keeps waiting is held,
 * with everything behind it, so that messages keep their order; the socket is not read meanwhile. Never emits.
 */
export function acceptMessages(
  client: Client,
  acks: AckQueue,
  broker: BrokerContext,
): OperatorFunction<PublishPacket, never> {
  return (messages$) =>
    new Observable<never>((subscriber) => {
      const held = new Fifo<Held>();

      const settle = (message: PublishPacket, verdict: number): void => {
        const code = verdict === 0 ? dispatch(message, client, broker) : refused(broker, verdict);
        if (code === 0 && message.acknowledger === undefined) return;
        if (message.acknowledger !== undefined) message.acknowledger.acknowledge(message, code);
        else acks.answerWith(code);
      };
      const release = (): void => {
        for (let head = held.peek(); head?.verdict !== undefined; head = held.peek()) {
          held.shift();
          settle(head.message, head.verdict);
        }
        if (held.size === 0) client.resume();
      };

      return messages$.subscribe({
        next(message) {
          try {
            const verdict = authorize(message, client, broker);
            if (typeof verdict === 'number' && held.size === 0) return settle(message, verdict);
            if (held.size === 0) client.pause();
            const waiting: Held = { message: acks.hold(message, subscriber), verdict: undefined };
            held.push(waiting);
            if (typeof verdict === 'number') {
              waiting.verdict = verdict;
              return;
            }
            subscriber.add(
              verdict.subscribe((code) => {
                waiting.verdict = code;
                release();
              }),
            );
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

function authorize(message: PublishPacket, client: Client, broker: BrokerContext): number | Observable<number> {
  broker.counters.published++;
  const { topic, payload, qos, retain, properties } = message;
  if (hasTooManyLevels(topic, broker.limits.topicLevels)) {
    throw new ProtocolError('PUBLISH has a topic of too many levels', { reasonCode: ReasonCode.TOPIC_NAME_INVALID });
  }
  // What the broker says of itself is said by nobody else.
  if (topic.startsWith('$SYS/')) return ReasonCode.NOT_AUTHORIZED;
  if (broker.access.authorizePublish === undefined) return 0;
  const { clientId } = client;
  return broker.access.authorizePublish.decide({ client, clientId, topic, payload, qos, retain, properties });
}

/** Gives the message to its subscribers; returns the reason code of the answer. */
function dispatch(message: PublishPacket, client: Client, broker: BrokerContext): number {
  // An alias is a matter between two ends of one connection.
  if (message.properties?.topicAlias !== undefined) message.properties = withoutAlias(message.properties);
  return broker.dispatcher.publish(message, client.session, client);
}

function refused(broker: BrokerContext, reasonCode: number): number {
  broker.counters.unauthorized++;
  return allowedReasonCodes.puback.server.has(reasonCode) ? reasonCode : ReasonCode.NOT_AUTHORIZED;
}

function withoutAlias(properties: PublishPacket['properties']): PublishPacket['properties'] {
  const rest = { ...properties };
  delete rest.topicAlias;
  return Object.keys(rest).length === 0 ? undefined : rest;
}
