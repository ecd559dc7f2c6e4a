import { basename } from 'node:path';
import { filter, firstValueFrom, map, type Observable, take } from 'rxjs';
import { connect, type ConnectionState, type MqttClient } from 'rxmqtt';
import { createBroker } from 'rxmqtt/broker';

type Connected = Extract<ConnectionState, { status: 'connected' }>;

/**
 * The outcome of the first attempt, as the `connect()` of other libraries gives it: the connection, or the error. The
 * client itself goes on trying.
 */
export function firstOutcome(client: MqttClient): Observable<Connected> {
  return client.state$.pipe(
    filter(({ status }) => status !== 'idle' && status !== 'connecting'),
    take(1),
    map((state) => {
      if (state.status === 'connected') return state;
      throw (state as { readonly reason?: Error }).reason ?? new Error('the client was ended before it had connected');
    }),
  );
}

export async function firstOutcomes(print: (line: string) => void = console.log): Promise<void> {
  // Nothing listens here yet.
  const early = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  const [url = ''] = await early.listening;
  await early.close();

  const client = connect(url, { reconnect: { minDelay: 50, maxDelay: 50 } });
  await firstValueFrom(firstOutcome(client)).catch((error: Error & { code: string }) => {
    print(`first attempt: ${error.code}`);
    print(`and now: ${client.state.status}`);
  });

  const broker = createBroker({ listeners: [url] });
  await firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'connected')));
  print('then: connected');

  const another = connect(url);
  print(`another client, first attempt: ${(await firstValueFrom(firstOutcome(another))).status}`);
  await Promise.all([client.end(), another.end()]);
  await broker.close();
}

if (basename(process.argv[1] ?? '', '.ts') === 'first-outcome') void firstOutcomes();
