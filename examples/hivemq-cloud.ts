import { basename } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { connect, type ClientOptions } from 'rxmqtt';

/** What the console of HiveMQ Cloud shows: the URL of the cluster, and the credentials that were made there. */
export interface Cluster {
  /** `mqtts://0123456789abcdef.s1.eu.hivemq.cloud:8883`, or in browsers `wss://...:8884/mqtt`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Connects to a cluster of HiveMQ Cloud, sends itself a message, and ends. The certificates of the service are signed by
 * an authority that Node and browsers trust, and the name of the server goes along by itself: so `options` is for tests.
 */
export async function hiveMqCloud(
  cluster: Cluster,
  print: (line: string) => void = console.log,
  options: ClientOptions = {},
): Promise<void> {
  const { url, username, password } = cluster;
  const client = connect(url, { username, password, ...options });
  const greeting = firstValueFrom(client.subscribe('hall/7/greeting', { qos: 1 }));
  // Wrong credentials end the client, and everything that waits for it learns why.
  await Promise.all([greeting, firstValueFrom(client.publish('hall/7/greeting', 'hello', { qos: 1 }))]);
  print(`${(await greeting).topic}: ${(await greeting).text()}`);
  await client.end();
}

if (basename(process.argv[1] ?? '', '.ts') === 'hivemq-cloud') {
  const { HIVEMQ_URL: url = '', HIVEMQ_USER: username = '', HIVEMQ_PASSWORD: password = '' } = process.env;
  void hiveMqCloud({ url, username, password });
}
