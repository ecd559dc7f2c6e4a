import type { QoS } from '../../../src/packet/packets.js';
import { textOf } from '../../support/raw-client.js';
import { clientsOf, unique, type BrokerSource, type Strictness } from './broker-under-test.js';

/** PUBLISH and its acknowledgements, both ways. */
export function publishContract(broker: BrokerSource, strictness: Strictness): void {
  const clients = clientsOf(broker);
  const levels: readonly QoS[] = [0, 1, 2];

  describe.each([3, 4, 5] as const)('version %i', (protocolVersion) => {
    test.each(levels.flatMap((published) => levels.map((granted) => [published, granted] as const)))(
      '[v5 MQTT-3.8.4-8] [v5 MQTT-2.2.1-2] [v5 MQTT-3.3.2-1] [v5 MQTT-4.3.1-1] [v5 MQTT-4.3.2-2] [v5 MQTT-4.3.3-2] [v5 MQTT-3.3.1-2] a message at QoS %i comes to a subscription at QoS %i at the lower of the two',
      async (published, granted) => {
        const topic = unique('qos');
        const client = await clients.connect({ protocolVersion });
        await client.subscribe(topic, granted);
        const other = await clients.connect({ protocolVersion });
        await other.publishAndWait(topic, 'hello', { qos: published });
        const message = await client.message();
        expect([message.topic, textOf(message), message.qos, message.dup, message.retain]).toEqual([
          topic,
          'hello',
          Math.min(published, granted),
          false,
          false,
        ]);
      },
    );

    test('[v5 MQTT-4.3.3-10] [v5 MQTT-4.3.3-12] a QoS 2 PUBLISH that is repeated before PUBREL is delivered once', async () => {
      const topic = unique('twice');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 0);
      const other = await clients.connect({ protocolVersion });
      other.publish(topic, 'one', { qos: 2, packetId: 7 });
      await other.next('pubrec');
      other.publish(topic, 'one', { qos: 2, packetId: 7, dup: true });
      await other.next('pubrec');
      other.ack('pubrel', 7);
      expect(await other.next('pubcomp')).toMatchObject({ packetId: 7, reasonCode: 0 });
      await other.publishAndWait(topic, 'two', { qos: 2, packetId: 7 });
      const received = await client.settle();
      expect(received.map((packet) => (packet.cmd === 'publish' ? textOf(packet) : packet.cmd))).toEqual([
        'one',
        'two',
      ]);
    });

    test('[v5 MQTT-2.2.1-5] [v5 MQTT-3.3.4-1] [v5 MQTT-4.3.2-4] [v5 MQTT-4.3.3-8] a message is answered by its QoS, with its identifier', async () => {
      const topic = unique('answered');
      const client = await clients.connect({ protocolVersion });
      client.publish(topic, 'x', { qos: 0 });
      expect(await client.settle()).toEqual([]);
      client.publish(topic, 'x', { qos: 1, packetId: 0x1234 });
      expect(await client.next('puback')).toMatchObject({ packetId: 0x1234 });
      client.publish(topic, 'x', { qos: 2, packetId: 0x1234 });
      expect(await client.next('pubrec')).toMatchObject({ packetId: 0x1234 });
      client.ack('pubrel', 0x1234);
      expect(await client.next('pubcomp')).toMatchObject({ packetId: 0x1234 });
    });

    test('[v5 MQTT-4.3.2-5] after PUBACK an identifier belongs to a new message, with or without DUP', async () => {
      const topic = unique('anew');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 0);
      const other = await clients.connect({ protocolVersion });
      for (const dup of [false, true]) {
        other.publish(topic, String(dup), { qos: 1, packetId: 5, dup });
        expect(await other.next('puback')).toMatchObject({ packetId: 5 });
      }
      expect([textOf(await client.message()), textOf(await client.message())]).toEqual(['false', 'true']);
    });

    test('[v5 MQTT-2.2.1-4] [v5 MQTT-4.3.2-1] [v5 MQTT-4.3.3-1] each open message to a client has its own identifier', async () => {
      const topic = unique('own');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 2);
      const other = await clients.connect({ protocolVersion });
      const ids = new Set<number>();
      for (let index = 0; index < 10; index++) {
        await other.publishAndWait(topic, 'x', { qos: index % 2 === 0 ? 1 : 2 });
        ids.add((await client.next('publish')).packetId);
      }
      expect(ids.size).toBe(10);
      expect(ids).not.toContain(0);
    });

    test('[v5 MQTT-4.3.3-11] [v5 MQTT-3.7.2-1] PUBREL for an unknown identifier is answered with PUBCOMP', async () => {
      const client = await clients.connect({ protocolVersion });
      client.ack('pubrel', 77);
      const { packetId, reasonCode } = await client.next('pubcomp');
      expect(packetId).toBe(77);
      expect([0, 0x92]).toContain(reasonCode);
    });

    test('[v5 MQTT-4.6.0-6] [v5 MQTT-4.6.0-5] messages of one publisher keep their order', async () => {
      const topic = unique('order');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 2);
      const other = await clients.connect({ protocolVersion });
      for (let index = 0; index < 200; index++) other.publish(topic, String(index), { qos: 1 });
      for (let index = 0; index < 200; index++) expect(textOf(await client.message())).toBe(String(index));
    });

    test.each([0, 127, 128, 16_383, 16_384, 70_000, 300_000])('a payload of %i bytes is delivered', async (size) => {
      const topic = unique('size');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 1);
      const payload = new Uint8Array(size).map((_, index) => (index * 31) & 0xff);
      const other = await clients.connect({ protocolVersion });
      other.publish(topic, payload, { qos: 1 });
      const message = await client.message();
      expect(Buffer.compare(message.payload, payload)).toBe(0);
    });

    test('[v5 MQTT-1.5.4-3] a byte order mark in a topic is an ordinary character', async () => {
      const topic = `\uFEFF${unique('marked')}`;
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 0);
      client.publish(topic, 'x');
      expect((await client.message()).topic).toBe(topic);
    });

    test('[v5 MQTT-3.3.1-3] DUP of a publisher is not forwarded', async () => {
      const topic = unique('dup');
      const client = await clients.connect({ protocolVersion });
      await client.subscribe(topic, 1);
      client.publish(topic, 'x', { qos: 1, dup: true, packetId: 5 });
      const packets = [await client.take(), await client.take()];
      const message = packets.find((packet) => packet?.cmd === 'publish');
      expect(message).toMatchObject({ dup: false });
    });
  });

  test('[v5 MQTT-3.3.2-4] [v5 MQTT-3.3.2-15] [v5 MQTT-3.3.2-16] [v5 MQTT-3.3.2-17] [v5 MQTT-3.3.2-18] [v5 MQTT-3.3.2-20] the properties of a message are forwarded unchanged', async () => {
    const topic = unique('properties');
    const client = await clients.connect();
    await client.subscribe(topic, 1);
    const other = await clients.connect();
    const properties = {
      payloadFormatIndicator: true,
      contentType: 'text/plain',
      responseTopic: 'answers/here',
      correlationData: Uint8Array.of(0, 1, 255),
      userProperties: [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ] as const,
    };
    await other.publishAndWait(topic, 'x', { qos: 1, properties });
    expect((await client.message()).properties).toEqual(properties);
  });

  test('a 3.1.1 client receives a message without its properties', async () => {
    const topic = unique('mixed');
    const client = await clients.connect({ protocolVersion: 4 });
    await client.subscribe(topic, 1);
    const other = await clients.connect();
    await other.publishAndWait(topic, 'x', { qos: 1, properties: { contentType: 'text/plain' } });
    expect(await client.message()).toMatchObject({ topic, properties: undefined });
  });

  test('[v5 MQTT-3.3.2-12] topic aliases of a publisher are resolved', async () => {
    const topic = unique('alias');
    const client = await clients.connect();
    await client.subscribe(topic, 0);
    const other = await clients.connect();
    other.publish(topic, 'one', { properties: { topicAlias: 1 } });
    other.publish('', 'two', { properties: { topicAlias: 1 } });
    const messages = [await client.message(), await client.message()];
    expect(messages.map((message) => [message.topic, textOf(message)])).toEqual([
      [topic, 'one'],
      [topic, 'two'],
    ]);
    expect(messages[1]?.properties?.topicAlias).toBeUndefined();
  });

  test('[v5 MQTT-3.1.2-26] [v5 MQTT-3.1.2-27] [v5 MQTT-3.3.2-8] [v5 MQTT-3.3.2-11] aliases to a client stay within its maximum', async () => {
    const stem = unique('aliases');
    const client = await clients.connect({ properties: { topicAliasMaximum: 2 } });
    await client.subscribe(`${stem}/#`, 0);
    const other = await clients.connect();
    for (const topic of ['a', 'b', 'c', 'a', 'b', 'c']) other.publish(`${stem}/${topic}`, topic);
    const names = new Map<number, string>();
    for (const expected of ['a', 'b', 'c', 'a', 'b', 'c']) {
      const message = await client.message();
      const alias = message.properties?.topicAlias ?? 0;
      expect(alias).toBeLessThanOrEqual(2);
      expect(message.properties?.topicAlias).not.toBe(0);
      if (message.topic !== '' && alias > 0) names.set(alias, message.topic);
      expect(message.topic === '' ? names.get(alias) : message.topic).toBe(`${stem}/${expected}`);
    }
  });

  test('[v5 MQTT-3.3.4-9] [v5 MQTT-3.3.4-10] [v5 MQTT-4.9.0-1] [v5 MQTT-4.9.0-2] [v5 MQTT-4.9.0-3] no more than Receive Maximum messages are open to a client', async () => {
    const topic = unique('window');
    const client = await clients.connect({ properties: { receiveMaximum: 2 } });
    await client.subscribe(topic, 1);
    const other = await clients.connect();
    for (let index = 0; index < 5; index++) await other.publishAndWait(topic, String(index), { qos: 1 });
    const first = [await client.next('publish'), await client.next('publish')];
    expect(await client.settle()).toEqual([]);
    client.ack('puback', first[0]?.packetId ?? 0);
    expect(textOf(await client.next('publish'))).toBe('2');
    if (strictness === 'strict') expect(await client.settle()).toEqual([]);
  });

  test('[v5 MQTT-3.1.2-24] [v5 MQTT-3.1.2-25] a message above the maximum packet size of a client is dropped', async () => {
    const topic = unique('large');
    const client = await clients.connect({ properties: { maximumPacketSize: 100 } });
    await client.subscribe(topic, 1);
    const other = await clients.connect();
    await other.publishAndWait(topic, 'x'.repeat(200), { qos: 1 });
    await other.publishAndWait(topic, 'small', { qos: 1 });
    expect(textOf(await client.message())).toBe('small');
  });

  test('a refused QoS 2 message is not released', async () => {
    const topic = unique('refused');
    const client = await clients.connect();
    await client.subscribe(topic, 2);
    const other = await clients.connect();
    await other.publishAndWait(topic, 'x', { qos: 2 });
    const { packetId } = await client.next('publish');
    client.ack('pubrec', packetId, 0x80);
    expect(await client.settle()).toEqual([]);
  });
}
