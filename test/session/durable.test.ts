import { firstValueFrom, lastValueFrom, filter, map, take } from 'rxjs';
import { connectWith } from '../../src/client/connect.js';
import type { MqttClient } from '../../src/client/mqtt-client.js';
import type { ClientOptions } from '../../src/client/client-options.js';
import { ServerDecoder } from '../../src/packet/server-decoder.js';
import { encodeAny } from '../../src/packet/encode-any.js';
import type { Packet } from '../../src/packet/packets.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';
import { durable } from '../../src/session/durable.js';
import { memoryStore } from '../../src/session/memory-store.js';
import type { Store, StoreOperation } from '../../src/session/store.js';
import { memory, type MemoryPeer } from '../../src/transport/memory.js';

/** A broker that remembers what it was sent and answers only what it is told to. */
class Peer {
  readonly received: Packet[] = [];
  private line: MemoryPeer | undefined;

  constructor(private readonly answer: (packet: Packet, send: (packet: Packet) => void) => void) {}

  connect(options: ClientOptions): MqttClient {
    const { transport, connections$ } = memory();
    connections$.subscribe((line) => {
      this.line = line;
      const decoder = new ServerDecoder({ protocolVersion: 4, maximumPacketSize: 1 << 20 });
      line.incoming$.subscribe((bytes) =>
        decoder.decode(bytes, (packet) => {
          this.received.push(packet);
          this.answer(packet, (answer) => this.send(answer));
        }),
      );
    });
    return connectWith(transport)({ url: 'mqtt://peer', protocolVersion: 4, ...options });
  }

  send(packet: Packet): void {
    const out = new WriteBuffer();
    encodeAny(packet, out, 4);
    for (const chunk of out.take()) this.line?.write(chunk);
  }

  cut(): void {
    this.line?.fail();
  }

  publishes(): [topic: string, dup: boolean, packetId: number][] {
    return this.received.flatMap((packet) =>
      packet.cmd === 'publish' ? [[packet.topic, packet.dup, packet.packetId] as [string, boolean, number]] : [],
    );
  }
}

const session = { clientId: 'hall-7', clean: false, reconnect: false } as const;
const accept =
  (sessionPresent: boolean) =>
  (packet: Packet, send: (packet: Packet) => void): void => {
    if (packet.cmd === 'connect') send({ cmd: 'connack', sessionPresent, reasonCode: 0 });
  };
const connected = (client: MqttClient): Promise<unknown> =>
  firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'connected')));
/** Lets microtasks and immediates that are under way finish. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A process that dies: nothing of the client runs any more, and nothing is told to the broker. */
async function kill(client: MqttClient, peer: Peer): Promise<void> {
  peer.cut();
  await firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'ended')));
}

describe('a session on a durable store', () => {
  it('[v4 MQTT-4.4.0-1] resends unacknowledged messages after a restart of the process, with DUP and the same identifier', async () => {
    const store = memoryStore();
    const before = new Peer(accept(false));
    const first = before.connect({ ...session, store: durable(store) });
    for (const topic of ['a', 'b', 'c']) first.publish(topic, topic, { qos: 1 }).subscribe({ error: () => undefined });
    await connected(first);
    await settled();
    expect(before.publishes()).toEqual([
      ['a', false, 1],
      ['b', false, 2],
      ['c', false, 3],
    ]);
    before.send({ cmd: 'puback', packetId: 2, reasonCode: 0 });
    await settled();
    await kill(first, before);

    const after = new Peer(accept(true));
    const second = after.connect({ ...session, store: durable(store) });
    await connected(second);
    await settled();
    expect(after.publishes()).toEqual([
      ['a', true, 1],
      ['c', true, 3],
    ]);
    await kill(second, after);
  });

  it('resumes a QoS 2 exchange past PUBREC with PUBREL', async () => {
    const store = memoryStore();
    const before = new Peer((packet, send) => {
      accept(false)(packet, send);
      if (packet.cmd === 'publish') send({ cmd: 'pubrec', packetId: packet.packetId, reasonCode: 0 });
    });
    const first = before.connect({ ...session, store: durable(store) });
    first.publish('a', 'once', { qos: 2 }).subscribe({ error: () => undefined });
    await connected(first);
    await settled();
    expect(before.received.map(({ cmd }) => cmd)).toEqual(['connect', 'publish', 'pubrel']);
    await kill(first, before);

    const after = new Peer((packet, send) => {
      accept(true)(packet, send);
      if (packet.cmd === 'pubrel') send({ cmd: 'pubcomp', packetId: packet.packetId, reasonCode: 0 });
    });
    const second = after.connect({ ...session, store: durable(store) });
    await connected(second);
    await settled();
    expect(after.received.map(({ cmd }) => cmd)).toEqual(['connect', 'pubrel']);
    expect(store.size).toBe(0);
    await kill(second, after);
  });

  it('keeps the outbox in order, ahead of new publishes', async () => {
    const store = memoryStore();
    const unreachable = memory({ refuse: true });
    const offline = connectWith(unreachable.transport)({
      url: 'mqtt://peer',
      ...session,
      protocolVersion: 4,
      store: durable(store),
    });
    for (const topic of ['a', 'b']) offline.publish(topic, '', { qos: 1 }).subscribe({ error: () => undefined });
    await settled();
    await firstValueFrom(offline.state$.pipe(filter(({ status }) => status === 'ended')));

    const peer = new Peer(accept(false));
    const client = peer.connect({ ...session, store: durable(store) });
    client.publish('c', '', { qos: 1 }).subscribe({ error: () => undefined });
    await connected(client);
    await settled();
    expect(peer.publishes().map(([topic]) => topic)).toEqual(['a', 'b', 'c']);
    await kill(client, peer);
  });

  it('stores PUBLISH before sending it, many in one write', async () => {
    const writes: (readonly StoreOperation[])[] = [];
    let finish: (() => void)[] = [];
    const store: Store = {
      load: () => Promise.resolve([]),
      write: (operations) => {
        writes.push(operations);
        return new Promise((resolve) => finish.push(resolve));
      },
    };
    const peer = new Peer(accept(false));
    const client = peer.connect({ ...session, store: durable(store) });
    await connected(client);
    for (let i = 0; i < 100; i++) client.publish(`t/${i}`, '', { qos: 1 }).subscribe({ error: () => undefined });
    await settled();
    expect(writes).toHaveLength(1);
    expect(peer.publishes()).toEqual([]);
    for (const done of finish.splice(0)) done();
    await settled();
    expect(peer.publishes().map(([topic]) => topic)).toEqual(Array.from({ length: 100 }, (_, i) => `t/${i}`));
    finish = [];
    await kill(client, peer);
  });

  it('[v4 MQTT-4.3.3-2] remembers the identifiers of incoming QoS 2 messages', async () => {
    const store = memoryStore();
    const incoming = { cmd: 'publish', topic: 'in', payload: new Uint8Array([1]), qos: 2, retain: false } as const;
    const before = new Peer(accept(false));
    const first = before.connect({ ...session, store: durable(store) });
    const got: string[] = [];
    first.messages$.subscribe(({ topic }) => got.push(topic));
    await connected(first);
    before.send({ ...incoming, dup: false, packetId: 9, properties: undefined } as unknown as Packet);
    first.subscribe('in', { qos: 2 }).subscribe({ error: () => undefined });
    await settled();
    expect(before.received.map(({ cmd }) => cmd)).toContain('pubrec');
    await kill(first, before);

    const after = new Peer(accept(true));
    const second = after.connect({ ...session, store: durable(store) });
    second.messages$.subscribe(({ topic }) => got.push(topic));
    await connected(second);
    after.send({ ...incoming, dup: true, packetId: 9, properties: undefined } as unknown as Packet);
    after.send({ cmd: 'pubrel', packetId: 9, reasonCode: 0 });
    await settled();
    expect(got).toEqual(['in']);
    expect(after.received.map(({ cmd }) => cmd)).toEqual(['connect', 'pubrec', 'pubcomp']);
    expect(store.size).toBe(0);
    await kill(second, after);
  });

  it('sets a damaged record aside, reports it, and restores the others', async () => {
    const store = memoryStore();
    const before = new Peer(accept(false));
    const first = before.connect({ ...session, store: durable(store) });
    for (const topic of ['a', 'b']) first.publish(topic, 'x', { qos: 1 }).subscribe({ error: () => undefined });
    await connected(first);
    await settled();
    await kill(first, before);
    const [body] = await store.load('session/hall-7/b');
    const damaged = Uint8Array.from(body?.value ?? []);
    damaged[damaged.length - 1] = 0xee;
    await store.write([{ type: 'put', key: body?.key ?? '', value: damaged }]);

    const after = new Peer(accept(true));
    const second = after.connect({ ...session, store: durable(store) });
    const fault = firstValueFrom(second.faults$);
    await connected(second);
    await settled();
    expect(after.publishes().map(([topic]) => topic)).toEqual(['b']);
    expect(await fault).toMatchObject({ code: 'STORE' });
    expect((await store.load('session/hall-7/q')).map(({ key }) => key)).toEqual([
      'session/hall-7/qb000000000001',
      'session/hall-7/qs000000000001',
    ]);
    await kill(second, after);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('disk full'))],
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
  ])(
    'ends the client when the store %s, because a message that is not stored must not be sent',
    async (_how, write) => {
      const store: Store = { load: () => Promise.resolve([]), write };
      const peer = new Peer(accept(false));
      const client = peer.connect({ ...session, store: durable(store) });
      const outcome = lastValueFrom(client.publish('a', '', { qos: 1 })).catch((error: unknown) => error);
      const ended = await firstValueFrom(
        client.state$.pipe(
          filter((state) => state.status === 'ended'),
          take(1),
          map((state) => state.reason),
        ),
      );
      expect(ended).toMatchObject({ code: 'STORE', cause: new Error('disk full') });
      expect(await outcome).toMatchObject({
        code: 'CLOSED',
        message: expect.stringMatching(/^publish to "a" was not sent, and may be missing from the store: /),
      });
      expect(peer.publishes()).toEqual([]);
    },
  );

  it('keeps the sessions of two client identifiers apart', async () => {
    const store = memoryStore();
    const peer = new Peer(accept(false));
    const first = peer.connect({ ...session, clientId: 'x', store: durable(store) });
    first.publish('a', '', { qos: 1 }).subscribe({ error: () => undefined });
    await connected(first);
    await settled();
    await kill(first, peer);
    const other = new Peer(accept(false));
    const second = other.connect({ ...session, clientId: 'x/y', store: durable(store) });
    await connected(second);
    await settled();
    expect(other.publishes()).toEqual([]);
    await kill(second, other);
  });
});
