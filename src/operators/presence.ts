import { filter, type Observable, switchMap } from 'rxjs';
import type { EndOptions, Will } from '../client/client-options.js';
import type { MqttClient } from '../client/mqtt-client.js';
import { PublishError, ErrorCode } from '../errors.js';
import { checkOptions, type Checks, oneOf, shown, text } from '../options/check-options.js';
import type { QoS } from '../packet/packets.js';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import { topicNameProblem } from '../topic/topic-name.js';

/** Options of {@link presence}. */
export interface PresenceOptions {
  /** The payload while the client is connected. Default `'online'`. */
  readonly online?: string;
  /** The payload after that. Default `'offline'`. */
  readonly offline?: string;
  /** The QoS of both messages. Default 1. */
  readonly qos?: QoS;
}

/** Tells others whether a client is online; created by {@link presence}. */
export interface Presence {
  /** The topic of both messages. */
  readonly topic: string;
  /** For the option `will` of `connect`: the broker publishes it when the connection is lost. */
  readonly will: Will;
  /**
   * Publishes the online message after each CONNACK, and at once if the client is connected. Emits a receipt each time.
   * Does not make a lazy client connect.
   *
   * Completes when the client ends; errors when the broker refuses the message. Unsubscribing stops further messages,
   * but does not take back the last one.
   */
  announce(client: Pick<MqttClient, 'state$' | 'publish'>): Observable<PublishReceipt>;
  /**
   * Ends the client with reason code 0x04, so that the broker publishes the will. A plain `client.end()` makes the
   * broker discard the will, and the client stays online for everyone else.
   */
  end(client: Pick<MqttClient, 'end'>, options?: Omit<EndOptions, 'reasonCode'>): Promise<void>;
}

const DISCONNECT_WITH_WILL = 0x04;

/**
 * Presence of a client: a retained `online` message after each CONNACK, and a retained `offline` message as the will.
 * Observe it with `watchPresence`.
 *
 * @throws PublishError `INVALID_TOPIC` for an invalid topic name.
 *
 * ```ts
 * const me = presence('fleet/7/status');
 * const client = connect('mqtt://localhost:1883', { will: me.will });
 * me.announce(client).subscribe();
 * // ...
 * await me.end(client);
 * ```
 */
export function presence(topic: string, options: PresenceOptions = {}): Presence {
  const known: Checks<PresenceOptions> = { online: text, offline: text, qos: oneOf(0, 1, 2) };
  const { online = 'online', offline = 'offline', qos = 1 } = checkOptions<PresenceOptions>(options, known, 'presence');
  const problem = topicNameProblem(topic);
  if (problem !== undefined) {
    throw new PublishError(`presence: the topic ${shown(topic)} ${problem}`, { code: ErrorCode.INVALID_TOPIC });
  }
  return {
    topic,
    will: { topic, payload: offline, qos, retain: true },
    announce: (client) =>
      client.state$.pipe(
        filter(({ status }) => status === 'connected'),
        switchMap(() => client.publish(topic, online, { qos, retain: true })),
      ),
    end: (client, rest) => client.end({ ...rest, reasonCode: DISCONNECT_WITH_WILL }),
  };
}
