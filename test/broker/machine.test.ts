import { createBroker, type Broker, type BrokerOptions } from '../../src/broker/index.js';
import { memory, type Connection } from '../../src/index.js';
import { createDecoder, encode, PublishPacket, type ConnectPacket, type Packet } from '../../src/packet/index.js';

/** A client of the broker that is bytes alone, as docs/migrating.md makes it. */
class Machine {
  private readonly packets: Packet[] = [];
  private line: Connection | undefined;
  isOver = false;

  constructor(broker: Broker) {
    const { transport, connections$ } = memory();
    connections$.subscribe(({ connection }) => broker.serve(connection));
    const decoder = createDecoder({ receiver: 'client' });
    transport({ url: 'mqtt://machine', subprotocol: 'mqtt' }).subscribe((line) => {
      this.line = line;
      line.incoming$.subscribe({
        next: (bytes) => decoder.decode(bytes, (packet) => this.packets.push(packet)),
        complete: () => (this.isOver = true),
      });
    });
  }

  feed(packet: Packet): void {
    this.line?.out.append(encode(packet, 5));
    this.line?.commit();
  }

  async take(): Promise<Packet[]> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.packets.splice(0);
  }

  closed(): void {
    this.line?.end();
  }
}

const CONNECT: ConnectPacket = { cmd: 'connect', clientId: 'a', protocolVersion: 5, clean: true, keepalive: 0 };
const SUBSCRIBE: Packet = {
  cmd: 'subscribe',
  packetId: 1,
  subscriptions: [
    { filter: 'hall/#', qos: 1 },
    { filter: 'secret/#', qos: 1 },
  ],
};
const publish = (topic: string, text: string): Packet =>
  new PublishPacket(topic, new TextEncoder().encode(text), 0, false, false, 0, undefined);

describe('[mqttproto] MQTTBrokerStateMachine: broker.serve() over memory()', () => {
  let broker: Broker;
  const open = (options: BrokerOptions = {}): void => {
    broker = createBroker({ listeners: [], sysInterval: 0, ...options });
  };
  afterEach(() => broker.close());

  it('feed_bytes, get_outbound_data: answers bytes with bytes', async () => {
    open();
    const machine = new Machine(broker);
    machine.feed(CONNECT);
    expect(await machine.take()).toMatchObject([{ cmd: 'connack', reasonCode: 0, sessionPresent: false }]);
    machine.feed({ cmd: 'pingreq' });
    expect(await machine.take()).toEqual([{ cmd: 'pingresp' }]);
  });

  it('acknowledge_connect: authenticate decides', async () => {
    open({ authenticate: ({ username }) => username === 'hall' });
    const machine = new Machine(broker);
    machine.feed(CONNECT);
    expect(await machine.take()).toMatchObject([{ cmd: 'connack', reasonCode: 0x86 }]);
    expect(machine.isOver).toBe(true);
  });

  it('acknowledge_subscribe: authorizeSubscribe decides, filter by filter', async () => {
    open({ authorizeSubscribe: ({ filter }) => !filter.startsWith('secret/') });
    const machine = new Machine(broker);
    machine.feed(CONNECT);
    machine.feed(SUBSCRIBE);
    expect(await machine.take()).toMatchObject([
      { cmd: 'connack' },
      { cmd: 'suback', packetId: 1, reasonCodes: [1, 0x87] },
    ]);
  });

  it('publish, deliver_publish: reaches those who have subscribed, from a client or from the process', async () => {
    open();
    const [one, other] = [new Machine(broker), new Machine(broker)];
    one.feed(CONNECT);
    one.feed(SUBSCRIBE);
    other.feed({ ...CONNECT, clientId: 'b' });
    await one.take();
    await other.take();
    other.feed(publish('hall/7', 'warm'));
    expect(await one.take()).toMatchObject([{ cmd: 'publish', topic: 'hall/7' }]);
    broker.publish({ topic: 'hall/8', payload: 'cold' });
    expect(await one.take()).toMatchObject([{ cmd: 'publish', topic: 'hall/8' }]);
    expect(await other.take()).toEqual([]);
  });

  it('client_disconnected: the line is closed, and the broker tells', async () => {
    open();
    const machine = new Machine(broker);
    const gone: string[] = [];
    broker.disconnected$.subscribe(({ client }) => gone.push(client.clientId));
    machine.feed(CONNECT);
    await machine.take();
    machine.closed();
    await machine.take();
    expect(gone).toEqual(['a']);
  });
});
