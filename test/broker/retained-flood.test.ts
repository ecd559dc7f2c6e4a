import type { PublishPacket } from '../../src/packet/publish-packet.js';
import { textOf } from '../support/raw-client.js';
import { brokers, type RunningBroker } from './support.js';

const start = brokers();

function retain({ broker }: RunningBroker, count: number): void {
  for (let index = 0; index < count; index++) {
    broker.publish({ topic: `r/${index}`, payload: String(index), qos: 1, retain: true });
  }
}

const limits = { queuedMessages: 2, inFlight: 3 } as const;
const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
const persistent = { clientId: 'sub', clean: false, properties: { sessionExpiryInterval: 60 } } as const;

describe('more retained messages than the queue of a session holds', () => {
  it('[v5 MQTT-3.3.1-9] all arrive, as the window allows, and disconnect no client', async () => {
    const running = await start({ limits, sysInterval: 0 });
    retain(running, 50);
    const client = await running.connect();
    await client.subscribe('r/#', 1);
    expect((await client.settle()).filter(({ cmd }) => cmd === 'publish')).toHaveLength(3);
    for (const packetId of [1, 2, 3]) client.ack('puback', packetId);
    const rest: PublishPacket[] = [];
    while (rest.length < 47) rest.push(await client.message());
    expect(rest.map(textOf)).toEqual(numbers(50).slice(3));
    expect(rest.every(({ retain: isRetained }) => isRetained)).toBe(true);
    expect(await client.settle()).toEqual([]);
    expect(running.broker.counters.droppedQueueFull + running.broker.counters.slowConsumers).toBe(0);
  });

  it('arrive again with the next subscription', async () => {
    const running = await start({ limits, sysInterval: 0 });
    retain(running, 10);
    const client = await running.connect();
    for (const round of [1, 2, 3]) {
      await client.subscribe('r/#', 1);
      const all: string[] = [];
      while (all.length < 10) all.push(textOf(await client.message()));
      expect([round, all]).toEqual([round, numbers(10)]);
    }
  });

  it('at QoS 0 fill no queue either, whatever other acknowledgements are open', async () => {
    const running = await start({ limits: { queuedQoS0: 2 }, sysInterval: 0 });
    const payload = 'x'.repeat(64 * 1024);
    for (let index = 0; index < 200; index++) running.broker.publish({ topic: `r/${index}`, payload, retain: true });
    const client = await running.connect();
    await client.subscribe('live', 1);
    running.broker.publish({ topic: 'live', payload: 'never acknowledged', qos: 1 });
    await client.next('publish');
    await client.subscribe('r/#', 0);
    for (let count = 0; count < 200; count++) await client.next('publish');
    expect(running.broker.counters).toMatchObject({ droppedQoS0: 0, slowConsumers: 0 });
  });

  it('arrive for each of several subscriptions, at its QoS', async () => {
    const running = await start({ limits, sysInterval: 0 });
    retain(running, 10);
    const client = await running.connect();
    await client.subscribe(
      [
        { filter: 'r/+', qos: 1 },
        { filter: '#', qos: 0 },
      ],
      0,
    );
    const all: PublishPacket[] = [];
    while (all.length < 20) all.push(await client.message());
    expect(all.map(({ qos }) => qos)).toEqual([...Array<number>(10).fill(1), ...Array<number>(10).fill(0)]);
  });

  it('continue where they stopped when the session resumes', async () => {
    const running = await start({ limits, sysInterval: 0 });
    retain(running, 10);
    const first = await running.connect(persistent);
    await first.subscribe('r/#', 1);
    await first.message();
    await first.settle();
    await first.disconnect();
    const second = await running.connect(persistent);
    const again = new Set<string>();
    while (again.size < 9) again.add(textOf(await second.message()));
    expect(again).toEqual(new Set(numbers(10).slice(1)));
    expect(await second.settle()).toEqual([]);
  });

  it('end with the subscription', async () => {
    const running = await start({ limits, sysInterval: 0 });
    retain(running, 10);
    const client = await running.connect();
    await client.subscribe('r/#', 1);
    client.send({ cmd: 'unsubscribe', packetId: 9, filters: ['r/#'] });
    const before = await client.settle();
    expect(before.map(({ cmd }) => cmd)).toEqual(['publish', 'publish', 'publish', 'unsuback']);
    for (const packetId of [1, 2, 3]) client.ack('puback', packetId);
    expect(await client.settle()).toEqual([]);
  });

  it('[v5 MQTT-3.3.1-10] continue when the filter is subscribed to again before all have arrived', async () => {
    const running = await start({ limits, sysInterval: 0 });
    retain(running, 10);
    const client = await running.connect();
    const filter = { filter: 'r/#', qos: 1, retainHandling: 1 } as const;
    await client.subscribe([filter]);
    const seen = new Set<string>();
    for (const packet of await client.settle()) if (packet.cmd === 'publish') seen.add(textOf(packet));
    await client.subscribe([filter]);
    for (const packetId of [1, 2, 3]) client.ack('puback', packetId);
    while (seen.size < 10) seen.add(textOf(await client.message()));
    expect(seen).toEqual(new Set(numbers(10)));
  });

  it('arrive once when republished meanwhile, never the old one after the new one', async () => {
    const running = await start({ limits: { inFlight: 3 }, sysInterval: 0 });
    retain(running, 10);
    const client = await running.connect();
    await client.subscribe('r/#', 1);
    await client.settle();
    running.broker.publish({ topic: 'r/9', payload: 'new', qos: 1, retain: true });
    running.broker.publish({ topic: 'r/new', payload: 'new', qos: 1, retain: true });
    for (const packetId of [1, 2, 3]) client.ack('puback', packetId);
    const rest: string[] = [];
    while (rest.length < 8) {
      const message = await client.message();
      rest.push(`${message.topic} ${textOf(message)}`);
    }
    expect(await client.settle()).toEqual([]);
    expect(rest.sort()).toEqual(['r/3 3', 'r/4 4', 'r/5 5', 'r/6 6', 'r/7 7', 'r/8 8', 'r/9 new', 'r/new new']);
  });
});

describe('the limit on the queues of all sessions', () => {
  it('drops and counts the excess, and frees room as messages leave', async () => {
    const { connect, broker } = await start({ limits: { totalQueuedBytes: 500 }, sysInterval: 0 });
    const options = ['a', 'b'].map((clientId) => ({ ...persistent, clientId }));
    for (const option of options) {
      const client = await connect(option);
      await client.subscribe('t', 1);
      await client.disconnect();
    }
    const payload = new Uint8Array(39);
    broker.publish({ topic: 't', payload, qos: 1 });
    expect(broker.counters.droppedTotalFull).toBe(0);
    broker.publish({ topic: 't', payload, qos: 1 });
    expect(broker.counters).toMatchObject({ droppedTotalFull: 2, droppedQueueFull: 0 });
    const [first] = options;
    const back = await connect(first);
    await back.message();
    expect(await back.settle()).toEqual([]);
    await back.disconnect();
    broker.publish({ topic: 't', payload, qos: 1 });
    expect(broker.counters.droppedTotalFull).toBe(3);
    await connect({ clientId: 'b', clean: true });
    broker.publish({ topic: 't', payload, qos: 1 });
    expect(broker.counters.droppedTotalFull).toBe(3);
  });

  it('counts what each message takes beside its bytes, and nothing of it when it is gone', async () => {
    const { connect, broker } = await start({ limits: { totalQueuedBytes: 10_000 }, sysInterval: 0 });
    const leave = async (clientId: string): Promise<void> => {
      const client = await connect({ ...persistent, clientId });
      await client.subscribe('t', 1);
      await client.disconnect();
    };
    for (const clientId of ['a', 'b', 'c']) await leave(clientId);
    const publish = (count: number): void => {
      for (; count > 0; count--) broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 1 });
    };
    // 120 bytes of messages, in 12 kB of memory.
    publish(20);
    const { droppedTotalFull } = broker.counters;
    expect(droppedTotalFull).toBeGreaterThan(10);
    const back = await connect({ ...persistent, clientId: 'a' });
    for (let count = 0; count < 10; count++) back.ack('puback', (await back.message()).packetId);
    await back.settle();
    await back.disconnect();
    for (const clientId of ['a', 'b', 'c']) await (await connect({ clientId, clean: true })).disconnect();
    await leave('a');
    publish(30);
    expect(broker.counters.droppedTotalFull).toBe(droppedTotalFull);
  });
});
