import { createBroker } from 'rxmqtt/broker';

/** The broker that bundles connect to, while it is used: its addresses for TCP and for WebSocket. */
export async function withBroker(use) {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt'] });
  const [tcp, ws] = await broker.listening;
  try {
    return await use({ tcp, ws });
  } finally {
    await broker.close();
  }
}
