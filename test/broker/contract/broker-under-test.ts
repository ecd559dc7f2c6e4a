import type { ConnackPacket, ConnectPacket } from '../../../src/packet/packets.js';
import { RawClient } from '../../support/raw-client.js';

/** A running broker that a contract suite is held against: the embedded one, or a foreign one. */
export interface BrokerUnderTest {
  /** Where it listens for TCP: `tcp://127.0.0.1:43211`. */
  readonly url: string;
}

/** Gives the broker of the current suite, once it runs. */
export type BrokerSource = () => BrokerUnderTest;

/**
 * How much of a contract is asked for: all of it, or what a broker keeps that lets some breaches of the protocol pass
 * (Mosquitto 2.0 does).
 */
export type Strictness = 'strict' | 'lenient';

let serial = 0;

/** A name that no other test uses: brokers outlive tests. */
export function unique(stem: string): string {
  return `${stem}-${process.pid}-${++serial}`;
}

/** Opens clients and closes them all after each test. */
export function clientsOf(broker: BrokerSource) {
  const open: RawClient[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.cut()));
  });
  const keep = <C extends RawClient>(client: C): C => {
    open.push(client);
    return client;
  };
  return {
    connect: async (options: Partial<ConnectPacket> = {}): Promise<RawClient & { readonly connack: ConnackPacket }> =>
      keep(await RawClient.connect(broker().url, { clientId: unique('client'), ...options })),
    open: async (version: 3 | 4 | 5 = 5): Promise<RawClient> => keep(await RawClient.open(broker().url, version)),
  };
}
