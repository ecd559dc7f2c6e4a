import { textOf } from '../../support/raw-client.js';
import { clientsOf, unique, type BrokerSource } from './broker-under-test.js';

/** SUBSCRIBE, UNSUBSCRIBE, wildcards, retained messages and shared subscriptions. */
export function subscribeContract(broker: BrokerSource): void {
  const clients = clientsOf(broker);

  describe.each([3, 4, 5] as const)('version %i', (protocolVersion) => {
    test('[v5 MQTT-3.8.4-2] [v5 MQTT-3.8.4-5] [v5 MQTT-3.9.3-1] [v5 MQTT-3.8.4-1] [v5 MQTT-3.8.4-6] [v5 MQTT-3.8.4-7] [v5 MQTT-3.9.3-2] SUBACK answers each filter in order', async () => {
      const stem = unique('many');
      const client = await clients.connect({ protocolVersion });
      const suback = await client.subscribe([
        { filter: `${stem}/a`, qos: 0 },
        { filter: `${stem}/b`, qos: 1 },
        { filter: `${stem}/c`, qos: 2 },
      ]);
      expect(suback.reasonCodes).toEqual([0, 1, 2]);
    });

    test.each([
      ['+', 'a', true],
      ['+', '/a', false],
      ['/+', '/a', true],
      ['+/+', '/a', true],
      ['a/#', 'a', true],
      ['a/#', 'a/b/c', true],
      ['a/+', 'a', false],
      ['a/+', 'a/', true],
      ['a/+/c', 'a/b/c', true],
      ['a/+/c', 'a/b/b/c', false],
      ['a/b', 'a/B', false],
    ])('[v5 MQTT-3.3.2-3] [v5 MQTT-4.7.3-4] "%s" against "%s" is %s', async (filter, topic, matches) => {
      const stem = unique('match');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(`${stem}/${filter}`, 0);
      client.publish(`${stem}/${topic}`, 'x');
      const received = await client.settle();
      expect(received.length).toBe(matches ? 1 : 0);
    });

    test('[v5 MQTT-4.7.2-1] wildcards do not match topics that begin with $', async () => {
      const client = await clients.connect({ protocolVersion });
      const topic = `$${unique('hidden')}/x`;
      await client.subscribe(['#', '+/x'], 0);
      client.publish(topic, 'x');
      const received = await client.settle();
      expect(received.filter((packet) => packet.cmd === 'publish' && packet.topic === topic)).toEqual([]);
    });

    test('[v5 MQTT-3.10.4-1] [v5 MQTT-3.10.4-2] [v5 MQTT-3.10.4-5] [v5 MQTT-2.2.1-6] [v5 MQTT-3.10.4-4] [v5 MQTT-3.10.4-6] [v5 MQTT-3.11.3-1] [v5 MQTT-3.11.3-2] UNSUBSCRIBE removes the identical filter', async () => {
      const stem = unique('gone');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe([`${stem}/a`, `${stem}/+`], 0);
      client.send({ cmd: 'unsubscribe', packetId: 99, filters: [`${stem}/+`, `${stem}/b`] });
      const unsuback = await client.next('unsuback');
      expect(unsuback).toMatchObject({ packetId: 99, reasonCodes: protocolVersion === 5 ? [0, 0x11] : [] });
      client.publish(`${stem}/a`, 'stays');
      client.publish(`${stem}/b`, 'went');
      expect(await client.settle()).toMatchObject([{ cmd: 'publish', topic: `${stem}/a` }]);
    });

    test('[v5 MQTT-3.10.4-3] a delivery that has begun completes after UNSUBSCRIBE', async () => {
      const topic = unique('begun');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 2);
      const other = await clients.connect({ protocolVersion });
      await other.publishAndWait(topic, 'x', { qos: 2 });
      const { packetId } = await client.next('publish');
      client.send({ cmd: 'unsubscribe', packetId: 9, filters: [topic] });
      await client.next('unsuback');
      client.ack('pubrec', packetId);
      expect(await client.next('pubrel')).toMatchObject({ packetId });
    });

    test('[v5 MQTT-3.8.4-3] subscribing again replaces the subscription', async () => {
      const topic = unique('again');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 0);
      await client.subscribe(topic, 1);
      const other = await clients.connect({ protocolVersion });
      await other.publishAndWait(topic, 'x', { qos: 1 });
      expect(await client.message()).toMatchObject({ qos: 1 });
      expect(await client.settle()).toEqual([]);
    });

    test('[v5 MQTT-3.3.1-5] [v5 MQTT-3.3.1-8] a new subscription receives the last retained message with RETAIN', async () => {
      const topic = unique('retained');
      const other = await clients.connect({ protocolVersion });
      await other.publishAndWait(topic, 'old', { qos: 1, retain: true });
      await other.publishAndWait(topic, 'new', { qos: 1, retain: true });
      await other.publishAndWait(topic, 'live', { qos: 1 });
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 1);
      const message = await client.message();
      expect([textOf(message), message.retain]).toEqual(['new', true]);
      expect(await client.settle()).toEqual([]);
      await other.publishAndWait(topic, '', { qos: 1, retain: true });
    });

    test('[v5 MQTT-3.3.1-6] [v5 MQTT-3.3.1-7] an empty retained message clears, and is delivered', async () => {
      const topic = unique('cleared');
      const client = await clients.connect({ protocolVersion });
      await client.publishAndWait(topic, 'x', { qos: 1, retain: true });
      await client.subscribe(topic, 0);
      expect(await client.message()).toMatchObject({ retain: true });
      const other = await clients.connect({ protocolVersion });
      await other.publishAndWait(topic, '', { qos: 1, retain: true });
      expect(await client.message()).toMatchObject({ retain: false, payload: new Uint8Array(0) });
      await other.subscribe(topic, 0);
      expect(await other.settle()).toEqual([]);
    });

    test('retained messages are found through wildcards', async () => {
      const stem = unique('tree');
      const client = await clients.connect({ protocolVersion });
      for (const topic of ['a/b', 'a/c/d', 'b']) {
        await client.publishAndWait(`${stem}/${topic}`, topic, { qos: 1, retain: true });
      }
      const found = async (filter: string): Promise<string[]> => {
        await client.subscribe(`${stem}/${filter}`, 0);
        const packets = await client.settle();
        return packets.map((packet) => (packet.cmd === 'publish' ? textOf(packet) : packet.cmd)).sort();
      };
      expect(await found('#')).toEqual(['a/b', 'a/c/d', 'b']);
      expect(await found('a/+')).toEqual(['a/b']);
      expect(await found('+/c/#')).toEqual(['a/c/d']);
      expect(await found('b/#')).toEqual(['b']);
      for (const topic of ['a/b', 'a/c/d', 'b']) client.publish(`${stem}/${topic}`, '', { retain: true });
      await client.settle();
    });
  });

  test.each([4, 5] as const)(
    '[v%d MQTT-3.3.4-2] overlapping subscriptions get a message at the highest QoS',
    async (protocolVersion) => {
      const stem = unique('overlap');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe([
        { filter: `${stem}/#`, qos: 0 },
        { filter: `${stem}/a`, qos: 2 },
      ]);
      const other = await clients.connect();
      await other.publishAndWait(`${stem}/a`, 'x', { qos: 2 });
      const levels = (await client.settle()).map((packet) => (packet.cmd === 'publish' ? packet.qos : -1));
      expect(Math.max(...levels)).toBe(2);
    },
  );

  test('[v5 MQTT-3.3.4-3] [v5 MQTT-3.3.4-4] [v5 MQTT-3.3.4-5] a message carries the identifiers of the matching subscriptions', async () => {
    const stem = unique('identifiers');
    const client = await clients.connect();
    await client.subscribe(`${stem}/#`, 0, { subscriptionIdentifier: 1 });
    await client.subscribe(`${stem}/a`, 0, { subscriptionIdentifier: 268_435_455 });
    await client.subscribe(`${stem}/+`, 0);
    client.publish(`${stem}/a`, 'x');
    const seen = (await client.settle()).flatMap((packet) =>
      packet.cmd === 'publish' ? (packet.properties?.subscriptionIdentifier ?? []) : [],
    );
    expect([...seen].sort()).toEqual([1, 268_435_455]);
  });

  test('[v5 MQTT-3.8.3-3] no local excludes messages of the same client', async () => {
    const topic = unique('echo');
    const client = await clients.connect();
    await client.subscribe([{ filter: topic, qos: 0, noLocal: true }]);
    client.publish(topic, 'own');
    const other = await clients.connect();
    await other.publishAndWait(topic, 'foreign', { qos: 1 });
    expect((await client.settle()).map((packet) => packet.cmd === 'publish' && textOf(packet))).toEqual(['foreign']);
  });

  test('[v5 MQTT-3.3.1-12] [v5 MQTT-3.3.1-13] retain as published decides on RETAIN of live messages', async () => {
    const stem = unique('rap');
    const client = await clients.connect();
    await client.subscribe([
      { filter: `${stem}/kept`, qos: 0, retainAsPublished: true },
      { filter: `${stem}/cleared`, qos: 0 },
    ]);
    client.publish(`${stem}/kept`, 'x', { retain: true });
    client.publish(`${stem}/cleared`, 'x', { retain: true });
    expect([(await client.message()).retain, (await client.message()).retain]).toEqual([true, false]);
    for (const name of ['kept', 'cleared']) client.publish(`${stem}/${name}`, '', { retain: true });
    await client.settle();
  });

  test.each([
    [0, [1, 1]],
    [1, [1, 0]],
    [2, [0, 0]],
  ] as const)(
    '[v5 MQTT-3.3.1-9] [v5 MQTT-3.3.1-10] [v5 MQTT-3.3.1-11] [v5 MQTT-3.8.4-4] retain handling %i sends %j retained messages at the first and the second SUBSCRIBE',
    async (retainHandling, expected) => {
      const topic = unique('handling');
      const client = await clients.connect();
      await client.publishAndWait(topic, 'x', { qos: 1, retain: true });
      const counts: number[] = [];
      for (let round = 0; round < 2; round++) {
        await client.subscribe([{ filter: topic, qos: 0, retainHandling }]);
        counts.push((await client.settle()).length);
      }
      expect(counts).toEqual(expected);
      client.publish(topic, '', { retain: true });
      await client.settle();
    },
  );

  test('[v4 MQTT-3.1.2-7] [v4 MQTT-3.3.1-7] a retained message outlives sessions, until one at QoS 0 replaces it', async () => {
    const topic = unique('outlives');
    const first = await clients.connect({ protocolVersion: 4 });
    await first.publishAndWait(topic, 'old', { qos: 1, retain: true });
    await first.disconnect();
    const second = await clients.connect({ protocolVersion: 4 });
    await second.subscribe(topic, 1);
    expect(textOf(await second.message())).toBe('old');
    second.publish(topic, 'new', { qos: 0, retain: true });
    await second.settle();
    await second.subscribe(topic, 1);
    const texts = (await second.settle()).map((packet) => (packet.cmd === 'publish' ? textOf(packet) : packet.cmd));
    expect(texts).not.toContain('old');
    second.publish(topic, '', { retain: true });
    await second.settle();
  });

  test('[v5 MQTT-4.8.2-6] a message that a group member refuses goes to no other member', async () => {
    const topic = unique('refused');
    const members = [await clients.connect(), await clients.connect()];
    for (const member of members) await member.subscribe(`$share/group/${topic}`, 1);
    const other = await clients.connect();
    await other.publishAndWait(topic, 'x', { qos: 1 });
    for (const member of members) {
      const [packet] = await member.settle();
      if (packet?.cmd === 'publish') member.ack('puback', packet.packetId, 0x80);
    }
    for (const member of members) expect(await member.settle()).toEqual([]);
  });

  test('[v5 MQTT-4.8.2-4] a group member that returns completes its QoS 2 exchanges', async () => {
    const topic = unique('ended');
    const options = { clientId: unique('member'), clean: false, properties: { sessionExpiryInterval: 60 } };
    const first = await clients.connect(options);
    await first.subscribe(`$share/group/${topic}`, 2);
    const other = await clients.connect();
    await other.publishAndWait(topic, 'x', { qos: 2 });
    const { packetId } = await first.next('publish');
    const second = await clients.connect();
    await second.subscribe(`$share/group/${topic}`, 2);
    await first.cut();
    const back = await clients.connect(options);
    expect(await back.next('publish')).toMatchObject({ packetId, dup: true });
    back.ack('pubrec', packetId);
    expect(await back.next('pubrel')).toMatchObject({ packetId });
    expect(await second.settle()).toEqual([]);
  });

  test('[v5 MQTT-4.8.2-5] a QoS 2 exchange of a group member goes to no other member when its session ends', async () => {
    const topic = unique('ends');
    const first = await clients.connect();
    await first.subscribe(`$share/group/${topic}`, 2);
    const other = await clients.connect();
    await other.publishAndWait(topic, 'x', { qos: 2 });
    await first.next('publish');
    const second = await clients.connect();
    await second.subscribe(`$share/group/${topic}`, 2);
    await first.disconnect();
    expect(await second.settle()).toEqual([]);
  });

  test('[v5 MQTT-4.8.2-3] each group member receives messages at its granted QoS', async () => {
    const topic = unique('mixed');
    const members = [await clients.connect(), await clients.connect()];
    for (const [qos, member] of members.entries()) await member.subscribe(`$share/group/${topic}`, qos === 0 ? 0 : 1);
    const other = await clients.connect();
    for (let index = 0; index < 10; index++) await other.publishAndWait(topic, String(index), { qos: 1 });
    for (const [qos, member] of members.entries()) {
      const levels = (await member.settle()).map((packet) => (packet.cmd === 'publish' ? packet.qos : packet.cmd));
      expect(new Set(levels)).toEqual(new Set([qos]));
    }
  });

  test('a shared subscription gives each message to one member', async () => {
    const topic = unique('shared');
    const members = [await clients.connect(), await clients.connect(), await clients.connect()];
    for (const member of members) await member.subscribe(`$share/group/${topic}`, 1);
    const alone = await clients.connect();
    await alone.subscribe(topic, 1);
    const other = await clients.connect();
    for (let index = 0; index < 30; index++) await other.publishAndWait(topic, String(index), { qos: 1 });
    const shares = await Promise.all(
      members.map(async (member) =>
        (await member.settle()).flatMap((packet) => (packet.cmd === 'publish' ? [textOf(packet)] : [])),
      ),
    );
    expect(shares.flat().sort()).toEqual(Array.from({ length: 30 }, (_, index) => String(index)).sort());
    for (const share of shares) expect(share.length).toBeGreaterThan(0);
    for (let index = 0; index < 30; index++) expect(textOf(await alone.message())).toBe(String(index));
  });
}
