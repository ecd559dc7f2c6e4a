import { Observable, type OperatorFunction } from 'rxjs';
import { ProtocolError } from '../../errors.js';
import type { PublishPacket } from '../../packet/publish-packet.js';
import { allowedReasonCodes, ReasonCode } from '../../packet/reason-codes.js';
import type { AckQueue } from '../../session/ack-queue.js';
import { Fifo } from '../../fifo.js';
import { isReserved } from '../access/authorize-will.js';
import { hasTooManyLevels } from '../broker-limits.js';
import type { BrokerContext } from './broker-context.js';
import type { Client } from './connected-client.js';
import { Pause } from './read-gate.js';

/** A message that waits for its authorizer, or behind another one that does. */
interface Held {
  readonly message: PublishPacket;
  decision: number | undefined;
}

/**
 * Takes the messages of one client: authorizes, dispatches and answers each. While an authorizer decides, its message
 * and all later ones wait, so that order holds; the socket is paused meanwhile. Never emits.
 */
export function acceptMessages(
  client: Client,
  acks: AckQueue,
  broker: BrokerContext,
): OperatorFunction<PublishPacket, never> {
  return (messages$) =>
    new Observable<never>((subscriber) => {
      const held = new Fifo<Held>();

      const settle = (message: PublishPacket, decision: number): void => {
        const code = decision === 0 ? dispatch(message, client, broker) : refused(broker, decision);
        if (code === 0 && message.acknowledger === undefined) return;
        if (message.acknowledger !== undefined) message.acknowledger.acknowledge(message, code);
        else acks.answerWith(code);
      };
      const release = (): void => {
        for (let head = held.peek(); head?.decision !== undefined; head = held.peek()) {
          held.shift();
          settle(head.message, head.decision);
        }
        if (held.size === 0) client.gate.open(Pause.DECISION);
      };

      return messages$.subscribe({
        next(message) {
          try {
            const decision = authorize(message, client, broker);
            if (typeof decision === 'number' && held.size === 0) return settle(message, decision);
            if (held.size === 0) client.gate.close(Pause.DECISION);
            const waiting: Held = { message: acks.hold(message, subscriber), decision: undefined };
            held.push(waiting);
            if (typeof decision === 'number') {
              waiting.decision = decision;
              return;
            }
            subscriber.add(
              decision.subscribe((code) => {
                waiting.decision = code;
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
    throw new ProtocolError('the topic of PUBLISH has too many levels', { reasonCode: ReasonCode.TOPIC_NAME_INVALID });
  }
  if (isReserved(topic)) return ReasonCode.NOT_AUTHORIZED;
  if (broker.access.authorizePublish === undefined) return 0;
  const { clientId } = client;
  return broker.access.authorizePublish.decide({
    client,
    clientId,
    will: false,
    topic,
    payload,
    qos,
    retain,
    properties,
  });
}

/** Dispatches the message; returns the reason code of the answer. */
function dispatch(message: PublishPacket, client: Client, broker: BrokerContext): number {
  // An alias means nothing beyond its connection.
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
