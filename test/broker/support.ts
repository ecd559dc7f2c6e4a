import { createBroker, type Broker, type BrokerOptions } from '../../src/broker/index.js';
import type { ConnackPacket, ConnectPacket } from '../../src/packet/packets.js';
import { RawClient } from '../support/raw-client.js';

export interface RunningBroker {
  readonly broker: Broker;
  readonly urls: readonly string[];
  connect(options?: Partial<ConnectPacket>): Promise<RawClient & { readonly connack: ConnackPacket }>;
  open(version?: 3 | 4 | 5): Promise<RawClient>;
}

/** Starts brokers that are closed after the test. */
export function brokers(): (options?: BrokerOptions) => Promise<RunningBroker> {
  const running: Broker[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((broker) => broker.close()));
  });
  return async (options = {}) => {
    const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], ...options });
    running.push(broker);
    const urls = await broker.listening;
    const [url = ''] = urls;
    return {
      broker,
      urls,
      connect: (connect = {}) => RawClient.connect(url, connect),
      open: (version = 5) => RawClient.open(url, version),
    };
  };
}
