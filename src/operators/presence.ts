import { filter, type Observable, switchMap } from 'rxjs';
import type { EndOptions, Will } from '../client/client-options.js';
import type { MqttClient } from '../client/mqtt-client.js';
import { PublishError, ErrorCode } from '../errors.js';
import { checkOptions, type Checks, oneOf, text } from '../options/check-options.js';
import type { QoS } from '../packet/packets.js';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import { topicNameProblem } from '../topic/topic-name.js';

export interface PresenceOptions {
  /** What tells that the client is there. Default `'online'`. */
  readonly online?: string;
  /** What tells that it is not. Default `'offline'`. */
  readonly offline?: string;
  /** Of both. Default 1. */
  readonly qos?: QoS;
}

/** How a client lets others know whether it is there; made by {@link presence}. */
export interface Presence {
  readonly topic: string;
  /** For the option `will` of `connect`: the broker publishes it when the connection is lost. */
  readonly will: Will;
  /**
   * Says that the client is there: at once when it is connected, and after each CONNACK for as long as it is subscribed
   * to. Emits a receipt each time. It does not make a lazy client connect.
   *
   * Completes when the client ends; errors when the broker refuses the message. Unsubscribing stops announcing, and leaves
   * what was announced.
   */
  announce(client: Pick<MqttClient, 'state$' | 'publish'>): Observable<PublishReceipt>;
  /**
   * Ends the client with reason code 0x04, so that the broker sends the will. A plain `client.end()` tells the broker to
   * forget the will, and leaves the client online to everyone.
   */
  end(client: Pick<MqttClient, 'end'>, options?: Omit<EndOptions, 'reasonCode'>): Promise<void>;
}

const DISCONNECT_WITH_WILL = 0x04;

/**
 * The two halves of presence: a retained `online` after each CONNACK, and a retained `offline` as will. `watchPresence`
 * is the other side.
 *
 * @throws PublishError `INVALID_TOPIC` for a topic that cannot be published to.
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
    throw new PublishError(`presence: the topic ${problem}`, { code: ErrorCode.INVALID_TOPIC });
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
