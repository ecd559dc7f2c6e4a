import { createBroker, type Broker, type BrokerOptions } from '../../src/broker/index.js';
import { command, type Running, type Surroundings } from './support.js';

/** A broker of the test's own, and commands that know where it is. */
export interface Embedded {
  readonly broker: Broker;
  readonly url: string;
  /** Starts a command; what still runs at the end is interrupted. */
  run(args: readonly string[], surroundings?: Surroundings): Running;
  /** Resolves when the broker has granted a filter. */
  subscribed(filter: string): Promise<void>;
  close(): Promise<void>;
}

export async function embedded(options: BrokerOptions = {}): Promise<Embedded> {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], ...options });
  const [url = ''] = await broker.listening;
  const running: Running[] = [];
  const filters: string[] = [];
  const watching = broker.subscribed$.subscribe(({ filter }) => filters.push(filter));
  return {
    broker,
    url,
    run(args, surroundings = {}) {
      const environment = { RXMQTT_URL: url, ...surroundings.environment };
      const one = command(args, '', { ...surroundings, environment });
      running.push(one);
      return one;
    },
    subscribed: (filter) =>
      new Promise((resolve) => {
        if (filters.includes(filter)) return resolve();
        const waiting = broker.subscribed$.subscribe((event) => {
          if (event.filter !== filter) return;
          waiting.unsubscribe();
          resolve();
        });
      }),
    async close() {
      for (const one of running) one.interrupt();
      await Promise.all(running.map(({ code }) => code));
      watching.unsubscribe();
      await broker.close();
    },
  };
}
