import { basename } from 'node:path';
import { createBroker } from 'rxmqtt/broker';

/** Runs an example against brokers of its own when its file is what Node was started with. */
export function standalone(name: string, example: (url: string, otherUrl: string) => Promise<void>): void {
  if (basename(process.argv[1] ?? '', '.ts') === name) void run(example);
}

async function run(example: (url: string, otherUrl: string) => Promise<void>): Promise<void> {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  const other = createBroker({ listeners: ['ws://127.0.0.1:0/mqtt'] });
  try {
    const [url = ''] = await broker.listening;
    const [otherUrl = ''] = await other.listening;
    await example(url, otherUrl);
  } finally {
    await broker.close();
    await other.close();
  }
}
