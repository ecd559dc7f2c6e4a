import { once } from 'node:events';
import { NEVER } from 'rxjs';
import { ackAfter, type ClientOptions, connect, type MqttMessage } from 'rxmqtt';

/**
 * A worker that ends in order at SIGTERM: the jobs it has begun come to their end and are acknowledged, and no other is
 * begun. Those stay in the session at the broker, and come to the next process. Settles when the client has ended.
 */
export async function worker(
  url: string,
  work: (message: MqttMessage) => Promise<void>,
  options: ClientOptions = {},
): Promise<void> {
  const client = connect(url, { clientId: 'worker-1', clean: false, sessionExpiry: 3600, ...options });
  const busy = new Set<Promise<void>>();
  let stopping = false;

  const begin = (message: MqttMessage) => {
    // Not acknowledged, and so not lost.
    if (stopping) return NEVER;
    const job = work(message).finally(() => busy.delete(job));
    busy.add(job);
    return job;
  };
  client
    .subscribe('jobs/+', { qos: 1, ack: 'manual' })
    .pipe(ackAfter(begin, { concurrency: 4 }))
    .subscribe();

  // A second SIGTERM finds no listener, and ends the process at once.
  await once(process, 'SIGTERM');
  stopping = true;
  await Promise.allSettled(busy);
  // Sends the last acknowledgements and DISCONNECT, so that no will is published. The subscription stays in the session.
  await client.end();
}
