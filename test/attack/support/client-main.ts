/** A client in a process of its own. */
import { filter, firstValueFrom } from 'rxjs';
import { connect, type ClientOptions } from '../../../src/index.js';
import { answerTo } from './measured.js';

/** Publishes without waiting: how many, how large, and with which user properties. */
export interface Burst {
  readonly count: number;
  readonly payload: number;
  readonly topic: string;
  readonly properties: number;
}

function main({ url, options }: { readonly url: string; readonly options: ClientOptions }): void {
  const client = connect(url, options);
  answerTo({
    connected: () =>
      firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'connected'))).then(() => true),
    status: () => client.state.status,
    stats: () => client.stats().outbox,
    burst({ count, payload, topic, properties }: Burst) {
      const failures: string[] = [];
      for (let index = 0; index < count; index++) {
        const userProperties = Array.from({ length: properties }, (_, at) => [`${index}-${at}`, ''] as const);
        client
          .publish(topic, new Uint8Array(payload), { qos: 1, properties: { userProperties } })
          .subscribe({ error: (error: { readonly code: string }) => failures.push(error.code) });
      }
      return failures;
    },
  });
}

main(JSON.parse(process.argv[2] ?? '{}') as { readonly url: string; readonly options: ClientOptions });
