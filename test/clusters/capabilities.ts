import { setTimeout as delay } from 'node:timers/promises';
import { filter, firstValueFrom, map, merge, race, take, timeout, timer } from 'rxjs';
import { connect, type ClientOptions, type MqttClient } from '../../src/index.js';

/** A broker to ask what it can do. */
export interface Asked {
  /** Of its nodes; three times the same for a broker of one. */
  readonly urls: readonly string[];
  readonly options: ClientOptions;
  /** Kills the first node, where there are others. */
  readonly killFirst?: () => Promise<void>;
}

/** What a broker can do, in the words of the table in `docs/scaling.md`. */
export type Capability = (broker: Asked, topic: string) => Promise<string>;

const PATIENCE = 20_000;
/** How long nothing must come before a message is taken for missing, in ms. */
const QUIET = 1500;

/** Clients of one question; all end with it. */
class Clients {
  private readonly all: MqttClient[] = [];

  constructor(private readonly broker: Asked) {}

  at(node: number, options: ClientOptions = {}): MqttClient {
    const reconnect = { minDelay: 100, maxDelay: 1000 };
    const url = this.broker.urls[node] ?? '';
    const client = connect(url, { protocolVersion: 4, ...this.broker.options, log: false, reconnect, ...options });
    this.all.push(client);
    return client;
  }

  async end(): Promise<void> {
    await Promise.all(this.all.map((client) => client.end({ force: true })));
  }
}

const ask =
  (question: (clients: Clients, topic: string, broker: Asked) => Promise<string>): Capability =>
  async (broker, topic) => {
    const clients = new Clients(broker);
    try {
      return await question(clients, topic, broker);
    } finally {
      await clients.end();
    }
  };

/** What is published at QoS 1 is taken by the broker. */
const published = (client: MqttClient, topic: string, options = {}): Promise<unknown> =>
  firstValueFrom(client.publish(topic, topic, { qos: 1, ...options }).pipe(timeout(PATIENCE)));

/** The topics that a client gets of a filter, from now on. */
function received(client: MqttClient, topicFilter: string, qos: 0 | 1 | 2 = 1): string[] {
  const topics: string[] = [];
  client
    .subscribe(topicFilter, { qos })
    .subscribe({ next: (message) => topics.push(message.topic), error: () => undefined });
  return topics;
}

const granted = (client: MqttClient, topicFilter: string) =>
  firstValueFrom(client.granted(topicFilter).pipe(timeout(PATIENCE)));

const yesIf = (isSo: boolean): string => (isSo ? 'yes' : 'no');

/** A session that was away: subscribed at the first node, it finds at another what was published meanwhile. */
const session = (kills: boolean): Capability =>
  ask(async (clients, topic, { killFirst }) => {
    if (kills && killFirst === undefined) return 'one node';
    const options = { clientId: `cap-${topic.replaceAll('/', '-')}`, clean: false };
    const first = clients.at(0, options);
    received(first, topic);
    await granted(first, topic);
    await first.end();
    if (kills) await killFirst?.();
    await published(clients.at(1), topic);
    const again = clients.at(2, options);
    const topics = received(again, topic);
    await granted(again, topic);
    // Where a node has died, the others first have to choose who serves its sessions.
    for (const until = Date.now() + (kills ? PATIENCE : QUIET); topics.length === 0 && Date.now() < until;) {
      await delay(100);
    }
    return yesIf(topics.length > 0);
  });

export const CAPABILITIES: Readonly<Record<string, Capability>> = {
  'MQTT 5': ask(async (clients) => {
    const client = clients.at(0, { protocolVersion: 5, reconnect: false });
    return firstValueFrom(
      client.connected$.pipe(
        map(() => 'yes'),
        timeout(PATIENCE),
      ),
    ).catch(() => 'no');
  }),
  'QoS 2 from a publisher': ask(async (clients, topic) => {
    const client = clients.at(0);
    await firstValueFrom(client.connected$.pipe(timeout(PATIENCE)));
    const answer$ = client.packets$.pipe(
      filter(({ direction, packet }) => direction === 'in' && packet.cmd.startsWith('pub')),
      map(({ packet }) => (packet.cmd === 'pubrec' ? 'yes' : 'acknowledged as QoS 1')),
    );
    const end$ = client.state$.pipe(
      filter(({ status }) => status === 'reconnecting'),
      map(() => 'closes the connection'),
    );
    client.publish(topic, '', { qos: 2 }).subscribe({ error: () => undefined });
    return firstValueFrom(race(answer$, end$).pipe(timeout(PATIENCE)));
  }),
  'QoS 2 to a subscriber': ask(async (clients, topic) => {
    const client = clients.at(0);
    received(client, topic, 2);
    const { qos } = await granted(client, topic);
    return qos === 2 ? 'yes' : `granted as QoS ${qos}`;
  }),
  'shared subscriptions with MQTT 3.1.1': ask(async (clients, topic) => {
    const topicFilter = `$share/workers/${topic}/+`;
    const workers = [0, 1].map((node) => clients.at(node));
    const all = workers.map((worker) => received(worker, topicFilter));
    for (const worker of workers) {
      const answer$ = merge(worker.granted(topicFilter).pipe(map(() => true)), timer(3000).pipe(map(() => false)));
      await firstValueFrom(answer$.pipe(take(1))).catch(() => false);
    }
    const publisher = clients.at(2);
    for (let number = 0; number < 10; number++) await published(publisher, `${topic}/${number}`);
    await delay(QUIET);
    const count = all.flat().length;
    return count === 10 ? 'yes' : count === 0 ? 'no: nothing arrives' : `no: ${count} of 10 arrive`;
  }),
  'a retained message at another node': ask(async (clients, topic) => {
    await published(clients.at(0), topic, { retain: true });
    await delay(QUIET);
    const topics = received(clients.at(1), topic);
    await delay(2 * QUIET);
    return yesIf(topics.length > 0);
  }),
  'retained messages by wildcard': ask(async (clients, topic) => {
    const client = clients.at(0);
    await published(client, `${topic}/x`, { retain: true });
    const topics = received(client, `${topic}/+`);
    await delay(2 * QUIET);
    return yesIf(topics.length > 0);
  }),
  'one connection for a client identifier, over all nodes': ask(async (clients, topic) => {
    const clientId = topic.replaceAll('/', '-');
    const first = clients.at(0, { clientId, reconnect: false });
    await firstValueFrom(first.connected$.pipe(timeout(PATIENCE)));
    await firstValueFrom(clients.at(1, { clientId }).connected$.pipe(timeout(PATIENCE)));
    const ended$ = first.state$.pipe(filter(({ status }) => status === 'ended'));
    return yesIf(await firstValueFrom(merge(ended$.pipe(map(() => true)), timer(2 * QUIET).pipe(map(() => false)))));
  }),
  'a session at another node': session(false),
  'a session whose node has died': session(true),
};
