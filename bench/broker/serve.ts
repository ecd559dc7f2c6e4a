/** One broker in a process of its own; tells its parent the port. */
import { createServer, type AddressInfo } from 'node:net';

async function rxmqtt(): Promise<number> {
  const { createBroker } = await import('../../src/broker/index.js');
  const broker = createBroker({
    listeners: ['tcp://127.0.0.1:0'],
    // The load connects faster than real clients would.
    limits: { connectRate: Infinity },
  });
  const [url = ''] = await broker.listening;
  return Number(new URL(url).port);
}

async function aedes(): Promise<number> {
  const { Aedes } = await import('aedes');
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

process.send?.(await (process.argv[2] === 'aedes' ? aedes() : rxmqtt()));

// A profile is written when the process ends by itself.
process.once('SIGTERM', () => process.exit());
