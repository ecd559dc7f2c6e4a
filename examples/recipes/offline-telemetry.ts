import type { ClassicLevel } from 'classic-level';
import type { Observable } from 'rxjs';
import { connect, durable, type MqttClient, type OfflineOptions, publishTo } from 'rxmqtt';
import { levelStore } from 'rxmqtt/store-level';

const DAY = 86_400;

/** What may wait: at a reading a second, two days. Waiting messages are on the disk and in memory. */
const BOUNDS: OfflineOptions = {
  maxMessages: 172_800,
  maxBytes: 32 * 1024 * 1024,
  // The newest readings matter most.
  overflow: 'drop-oldest',
  // After a long absence the queue leaves at this pace, so that the link stays usable.
  rate: 500,
};

/**
 * A meter that may be without a connection for days, and may lose its power meanwhile. Each reading is on the disk before
 * it goes on the wire, and stays there until the broker has acknowledged it. `end()` ends it; readings that
 * were not sent by then wait for the next start.
 */
export function telemetry(
  url: string,
  meter: string,
  readings$: Observable<number>,
  database: ClassicLevel,
  bounds: OfflineOptions = BOUNDS,
): MqttClient {
  const client = connect(url, {
    clientId: meter,
    clean: false,
    sessionExpiry: 7 * DAY,
    store: durable(levelStore(database)),
    offline: bounds,
  });
  readings$
    .pipe(
      publishTo(
        client,
        (value) => ({
          topic: `meters/${meter}`,
          // The time of the measurement: the message may arrive days later.
          payload: JSON.stringify({ at: new Date(Date.now()).toISOString(), value }),
          qos: 1,
          properties: { messageExpiryInterval: 7 * DAY },
        }),
        // The outbox has the bounds. A reading that was dropped or has expired does not end the stream.
        { concurrency: Infinity, onError: 'continue' },
      ),
    )
    .subscribe({ error: (error) => console.error('no more readings:', error) });
  return client;
}
