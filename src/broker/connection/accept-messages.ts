import { isObservable, Observable, type OperatorFunction } from 'rxjs';
import { ProtocolError } from '../../errors.js';
import { PublishPacket } from '../../packet/publish-packet.js';
import { allowedReasonCodes, ReasonCode } from '../../packet/reason-codes.js';
import type { AckQueue } from '../../session/ack-queue.js';
import { Fifo } from '../../fifo.js';
import { andThen } from '../access/and-then.js';
import { isReserved } from '../access/is-reserved.js';
import { NO_MOUNT_POINT } from '../access/mount-point.js';
import type { PublishRequest } from '../access/requests.js';
import { isTooLong } from '../broker-limits.js';
import type { BrokerContext } from './broker-context.js';
import type { Client } from './connected-client.js';
import { mountMessage } from './mount-message.js';
import { Pause } from './read-gate.js';

/** A message that waits for its authorizer, or behind another one that does. */
interface Held {
  readonly message: PublishPacket;
  decision: Decision | undefined;
}

/** A reason code, with 0 for the message as it is; or what is dispatched in its place. */
type Decision = number | PublishPacket;

/**
 * Takes the messages of one client: intercepts, authorizes, dispatches and answers each. While a hook decides, its
 * message and all later ones wait, so that order holds; the socket is paused meanwhile. Never emits.
 */
export function acceptMessages(
  client: Client,
  acks: AckQueue,
  broker: BrokerContext,
): OperatorFunction<PublishPacket, never> {
  return (messages$) =>
    new Observable<never>((subscriber) => {
      const held = new Fifo<Held>();

      const settle = (message: PublishPacket, decision: Decision): void => {
        const code = decided(message, decision, client, broker);
        if (message.acknowledger !== undefined) message.acknowledger.acknowledge(message, code);
        else if (code !== 0) acks.answerWith(code);
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
            const decision = decide(message, client, broker);
            if (!isObservable(decision) && held.size === 0) return settle(message, decision);
            if (held.size === 0) client.gate.close(Pause.DECISION);
            const waiting: Held = { message: acks.hold(message, subscriber), decision: undefined };
            held.push(waiting);
            if (!isObservable(decision)) {
              waiting.decision = decision;
              return;
            }
            subscriber.add(
              decision.subscribe((found) => {
                waiting.decision = found;
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

/** @throws ProtocolError for a message that the client may not send whatever its hooks say. */
function decide(message: PublishPacket, client: Client, broker: BrokerContext): Decision | Observable<Decision> {
  broker.counters.published++;
  // An alias means nothing beyond its connection.
  if (message.properties?.topicAlias !== undefined) message.properties = withoutAlias(message.properties);
  if (client.mountPoint !== NO_MOUNT_POINT) mountMessage(message, client.mountPoint);
  check(message, client, broker);
  if (isReserved(message.topic, client.mountPoint)) return ReasonCode.NOT_AUTHORIZED;
  // Whoever answers would be cut in place of the one who asks.
  if (isTooLong(message.properties?.responseTopic ?? '', broker.limits)) return ReasonCode.TOPIC_NAME_INVALID;
  const { interceptors } = broker.access;
  if (interceptors.publishes.isEmpty) return authorize(message, client, broker);
  const asked = requestOf(message, client);
  const outcome = interceptors.publish(asked, client);
  return andThen(outcome, (found): Decision | Observable<Decision> => {
    if (typeof found === 'number') return found;
    if (found === asked) return authorize(message, client, broker);
    const changed = changedMessage(found);
    return andThen(authorize(changed, client, broker), (code) => (code === 0 ? changed : code));
  });
}

function check({ topic, qos, retain }: PublishPacket, client: Client, { limits }: BrokerContext): void {
  // [MQTT-3.2.2-11] [MQTT-3.2.2-14]: MQTT 3.1.1 cannot say it, and the client would lose each message.
  if (qos > client.maxQos) {
    throw new ProtocolError(`PUBLISH has QoS ${qos}, and ${client.maxQos} is the maximum`, {
      reasonCode: ReasonCode.QOS_NOT_SUPPORTED,
    });
  }
  if (retain && !client.policy.retainAvailable) {
    throw new ProtocolError('PUBLISH is retained, and retained messages are not available', {
      reasonCode: ReasonCode.RETAIN_NOT_SUPPORTED,
    });
  }
  if (isTooLong(topic, limits)) {
    throw new ProtocolError('the topic of PUBLISH is too long or has too many levels', {
      reasonCode: ReasonCode.TOPIC_NAME_INVALID,
    });
  }
}

function authorize(message: PublishPacket, client: Client, { access }: BrokerContext): number | Observable<number> {
  return access.authorizePublish?.decide(requestOf(message, client)) ?? 0;
}

function requestOf({ topic, payload, qos, retain, properties }: PublishPacket, client: Client): PublishRequest {
  const { clientId } = client;
  return { client, clientId, will: false, topic, payload, qos, retain, properties };
}

/** A message of its own: the one that came in is acknowledged as it came. */
function changedMessage({ topic, payload, qos, retain, properties }: PublishRequest): PublishPacket {
  return new PublishPacket(topic, payload, qos, retain, false, 0, properties);
}

/** Does what was decided; returns the reason code of the answer. */
function decided(message: PublishPacket, decision: Decision, client: Client, broker: BrokerContext): number {
  if (typeof decision !== 'number') return dispatch(decision, client, broker);
  return decision === 0 ? dispatch(message, client, broker) : refused(broker, decision);
}

/** Dispatches the message; returns the reason code of the answer. */
function dispatch(message: PublishPacket, client: Client, broker: BrokerContext): number {
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
