import { defer, type Observable } from 'rxjs';
import type { MqttClient, PublishReceipt, QoS } from 'rxmqtt';
import { toRecordedMessage } from '../packet/recorded-message.js';
import { elapsed } from '../rx/clock.js';
import type { Histogram } from './bench/histogram.js';
import { mapped, type TopicMap } from './options/topic-map.js';
import { pulled } from './pulled.js';
import type { DueMessage } from './recording.js';

export interface ReplayOptions {
  readonly maps: readonly TopicMap[];
  /** Replaces the recorded QoS. */
  readonly qos?: QoS | undefined;
  /** How late each message was, in ms. */
  readonly lateness: Histogram;
}

/** How many messages may wait for their acknowledgements. */
const CONCURRENCY = 1000;

/** Publishes messages when they are due, from the subscription on. */
export function replaying(
  client: Pick<MqttClient, 'publish'>,
  messages: Iterable<DueMessage> | AsyncIterable<DueMessage>,
  { maps, qos, lateness }: ReplayOptions,
): Observable<PublishReceipt> {
  return defer(() => {
    // The time begins with the first message, however long it takes to open the file.
    let started: number | undefined;
    const send = ({ at, line }: DueMessage): Observable<PublishReceipt> => {
      lateness.record(elapsed() - (started ?? 0) - at);
      const message = toRecordedMessage(line);
      const { payload, retain, properties } = message;
      return client.publish(mapped(message.topic, maps), payload, {
        qos: qos ?? message.qos,
        retain,
        ...(properties !== undefined && { properties }),
      });
    };
    return pulled(messages, send, {
      concurrency: CONCURRENCY,
      due({ at }) {
        const now = elapsed();
        started ??= now - at;
        return started + at - now;
      },
    });
  });
}
