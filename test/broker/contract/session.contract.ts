import { textOf } from '../../support/raw-client.js';
import { clientsOf, unique, type BrokerSource } from './broker-under-test.js';

/** Sessions that outlive their connections, and wills. */
export function sessionContract(broker: BrokerSource): void {
  const clients = clientsOf(broker);

  describe.each([4, 5] as const)('version %i', (protocolVersion) => {
    const kept = (clientId: string) => ({
      protocolVersion,
      clientId,
      clean: false,
      properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined,
    });

    test('[v5 MQTT-3.1.2-5] [v5 MQTT-3.1.2-23] [v5 MQTT-4.5.0-1] [v5 MQTT-3.1.2-6] [v5 MQTT-3.1.3-2] [v5 MQTT-3.1.4-4] [v5 MQTT-3.2.2-3] a session receives messages published while it was offline', async () => {
      const clientId = unique('away');
      const first = await clients.connect(kept(clientId));
      expect(first.connack.sessionPresent).toBe(false);
      await first.subscribe(`${clientId}/#`, 2);
      await first.disconnect();
      const other = await clients.connect({ protocolVersion });
      for (const qos of [1, 2] as const) await other.publishAndWait(`${clientId}/x`, `at ${qos}`, { qos });
      const second = await clients.connect(kept(clientId));
      expect(second.connack.sessionPresent).toBe(true);
      expect(textOf(await second.message())).toBe('at 1');
      expect(textOf(await second.message())).toBe('at 2');
      await other.publishAndWait(`${clientId}/x`, 'live', { qos: 1 });
      expect(textOf(await second.message())).toBe('live');
    });

    test('[v5 MQTT-3.1.2-4] a clean start discards the session', async () => {
      const clientId = unique('discarded');
      const first = await clients.connect(kept(clientId));
      await first.subscribe(clientId, 1);
      await first.disconnect();
      const clean = await clients.connect({ protocolVersion, clientId, clean: true });
      expect(clean.connack.sessionPresent).toBe(false);
      await clean.publishAndWait(clientId, 'x', { qos: 1 });
      expect(await clean.settle()).toEqual([]);
      await clean.disconnect();
      const third = await clients.connect(kept(clientId));
      expect(third.connack.sessionPresent).toBe(false);
    });

    test('[v5 MQTT-4.4.0-1] [v5 MQTT-3.3.1-1] [v5 MQTT-4.6.0-1] [v5 MQTT-4.3.2-3] [v5 MQTT-4.3.3-3] [v5 MQTT-4.3.3-4] [v5 MQTT-4.3.3-5] [v5 MQTT-4.3.3-6] [v5 MQTT-3.6.2-1] unacknowledged messages are sent again in order, with DUP and the same identifiers', async () => {
      const clientId = unique('resend');
      const first = await clients.connect(kept(clientId));
      await first.subscribe(clientId, 2);
      const other = await clients.connect({ protocolVersion });
      await other.publishAndWait(clientId, 'one', { qos: 1 });
      await other.publishAndWait(clientId, 'two', { qos: 2 });
      await other.publishAndWait(clientId, 'three', { qos: 2 });
      const sent = [await first.next('publish'), await first.next('publish'), await first.next('publish')];
      first.ack('pubrec', sent[2]?.packetId ?? 0);
      await first.next('pubrel');
      await first.cut();
      const second = await clients.connect(kept(clientId));
      for (const message of sent.slice(0, 2)) {
        const again = await second.next('publish');
        expect([textOf(again), again.packetId, again.dup]).toEqual([textOf(message), message.packetId, true]);
      }
      expect(await second.next('pubrel')).toMatchObject({ packetId: sent[2]?.packetId, reasonCode: 0 });
      expect(await second.settle()).toEqual([]);
    });

    test('[v5 MQTT-4.3.3-10] an inbound QoS 2 identifier is remembered across connections', async () => {
      const clientId = unique('once');
      const watcher = await clients.connect({ protocolVersion });
      await watcher.subscribe(clientId, 0);
      const first = await clients.connect(kept(clientId));
      first.publish(clientId, 'x', { qos: 2, packetId: 3 });
      await first.next('pubrec');
      await first.cut();
      const second = await clients.connect(kept(clientId));
      second.publish(clientId, 'x', { qos: 2, packetId: 3, dup: true });
      await second.next('pubrec');
      second.ack('pubrel', 3);
      await second.next('pubcomp');
      expect((await watcher.settle()).length).toBe(1);
    });

    test('[v5 MQTT-3.1.2-8] [v5 MQTT-3.1.2-10] [v5 MQTT-3.1.2-7] a will is published once when the connection is lost', async () => {
      const topic = unique('will');
      const watcher = await clients.connect({ protocolVersion });
      await watcher.subscribe(topic, 1);
      const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false } as const;
      const client = await clients.connect({ protocolVersion, will });
      await client.cut();
      expect(textOf(await watcher.message())).toBe('gone');
    });

    test('[v5 MQTT-3.1.2-10] [v5 MQTT-3.1.2-14] [v4 MQTT-3.1.2-12] a published will is deleted, and a will without retain is not retained', async () => {
      const topic = unique('forgotten');
      const watcher = await clients.connect({ protocolVersion });
      await watcher.subscribe(topic, 1);
      const clientId = unique('forgetful');
      const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false } as const;
      await (await clients.connect({ ...kept(clientId), will })).cut();
      expect(await watcher.message()).toMatchObject({ retain: false });
      await (await clients.connect(kept(clientId))).cut();
      await clients.connect(kept(clientId));
      expect(await watcher.settle()).toEqual([]);
      const late = await clients.connect({ protocolVersion });
      await late.subscribe(topic, 1);
      expect(await late.settle()).toEqual([]);
    });

    test('[v5 MQTT-4.1.0-1] a session stays while its client is connected, however short its expiry', async () => {
      const clientId = unique('stays');
      const properties = protocolVersion === 5 ? { sessionExpiryInterval: 1 } : undefined;
      const client = await clients.connect({ ...kept(clientId), properties });
      await client.subscribe(clientId, 1);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await client.publishAndWait(clientId, 'x', { qos: 0 });
      expect(textOf(await client.message())).toBe('x');
    });

    test('[v5 MQTT-3.14.4-3] DISCONNECT discards the will', async () => {
      const topic = unique('no-will');
      const watcher = await clients.connect({ protocolVersion });
      await watcher.subscribe(topic, 1);
      const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false } as const;
      const client = await clients.connect({ protocolVersion, will });
      await client.disconnect();
      expect(await watcher.settle()).toEqual([]);
    });

    test('[v5 MQTT-3.1.2-15] a will with retain is retained', async () => {
      const topic = unique('kept-will');
      const watcher = await clients.connect({ protocolVersion });
      await watcher.subscribe(topic, 1);
      const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: true } as const;
      await (await clients.connect({ protocolVersion, will })).cut();
      await watcher.message();
      const late = await clients.connect({ protocolVersion });
      await late.subscribe(topic, 0);
      expect(await late.message()).toMatchObject({ retain: true });
      late.publish(topic, '', { retain: true });
      await late.settle();
    });
  });

  test('[v5 MQTT-4.1.0-2] a session is gone when its expiry interval has passed', async () => {
    const options = { clientId: unique('expired'), clean: false, properties: { sessionExpiryInterval: 1 } };
    await (await clients.connect(options)).disconnect();
    await new Promise((resolve) => setTimeout(resolve, 2200));
    expect((await clients.connect(options)).connack.sessionPresent).toBe(false);
  });

  test('[v5 MQTT-3.1.2-23] a session without an expiry interval ends with its connection', async () => {
    const options = { clientId: unique('short'), clean: false };
    await (await clients.connect(options)).disconnect();
    expect((await clients.connect(options)).connack.sessionPresent).toBe(false);
  });

  test('DISCONNECT may change the expiry interval, but not give one to a session without it', async () => {
    const clientId = unique('changed');
    const kept = { clientId, clean: false, properties: { sessionExpiryInterval: 60 } };
    await (await clients.connect(kept)).disconnect(0, 0);
    const second = await clients.connect({ clientId, clean: false });
    expect(second.connack.sessionPresent).toBe(false);
    second.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 60 } });
    expect(await second.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x82 }]);
  });

  test('[v5 MQTT-3.1.2-8] DISCONNECT 0x04 publishes the will', async () => {
    const topic = unique('wanted');
    const watcher = await clients.connect();
    await watcher.subscribe(topic, 0);
    const will = { topic, payload: Buffer.from('gone'), qos: 0, retain: false } as const;
    await (await clients.connect({ will })).disconnect(4);
    expect(textOf(await watcher.message())).toBe('gone');
  });

  test('[v5 MQTT-3.1.3-9] a return within the will delay cancels the will; otherwise it is published after the delay', async () => {
    const topic = unique('delayed');
    const watcher = await clients.connect();
    await watcher.subscribe(topic, 0);
    const will = {
      topic,
      payload: Buffer.from('gone'),
      qos: 0,
      retain: false,
      properties: { willDelayInterval: 1 },
    } as const;
    const options = { clientId: unique('delayed'), clean: false, will, properties: { sessionExpiryInterval: 60 } };
    await (await clients.connect(options)).cut();
    const second = await clients.connect(options);
    expect(second.connack.sessionPresent).toBe(true);
    const since = Date.now();
    await second.cut();
    expect(textOf(await watcher.message())).toBe('gone');
    expect(Date.now() - since).toBeGreaterThan(900);
    expect(await watcher.settle()).toEqual([]);
  });

  test('[v5 MQTT-3.1.3-10] the properties of a will are published with it', async () => {
    const topic = unique('will-properties');
    const watcher = await clients.connect();
    await watcher.subscribe(topic, 0);
    const properties = {
      contentType: 'text/plain',
      userProperties: [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ] as const,
    };
    const will = { topic, payload: Buffer.from('gone'), qos: 0, retain: false, properties } as const;
    await (await clients.connect({ will })).cut();
    expect((await watcher.message()).properties).toEqual(properties);
  });

  test('[v5 MQTT-4.4.0-2] a message that the receiver refused is not sent again', async () => {
    const options = { clientId: unique('refused'), clean: false, properties: { sessionExpiryInterval: 60 } };
    const first = await clients.connect(options);
    await first.subscribe(options.clientId, 2);
    const other = await clients.connect();
    for (const qos of [1, 2] as const) {
      await other.publishAndWait(options.clientId, 'x', { qos });
      const { packetId } = await first.next('publish');
      first.ack(qos === 1 ? 'puback' : 'pubrec', packetId, 0x80);
    }
    await first.settle();
    await first.cut();
    expect(await (await clients.connect(options)).settle()).toEqual([]);
  });

  test('[v5 MQTT-4.3.3-7] [v5 MQTT-4.3.3-13] the exchange of a message sent before it expired is completed', async () => {
    const options = { clientId: unique('late'), clean: false, properties: { sessionExpiryInterval: 60 } };
    const first = await clients.connect(options);
    await first.subscribe(options.clientId, 2);
    const other = await clients.connect();
    await other.publishAndWait(options.clientId, 'x', { qos: 2, properties: { messageExpiryInterval: 1 } });
    const { packetId } = await first.next('publish');
    await first.cut();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const second = await clients.connect(options);
    expect(await second.next('publish')).toMatchObject({ packetId, dup: true });
    second.ack('pubrec', packetId);
    expect(await second.next('pubrel')).toMatchObject({ packetId });
  });

  test('[v5 MQTT-3.3.2-5] [v5 MQTT-3.3.2-6] messages expire while they wait, and are sent with the rest of the interval', async () => {
    const clientId = unique('expiry');
    const options = { clientId, clean: false, properties: { sessionExpiryInterval: 60 } };
    const first = await clients.connect(options);
    await first.subscribe(clientId, 1);
    await first.disconnect();
    const other = await clients.connect();
    await other.publishAndWait(clientId, 'short', { qos: 1, properties: { messageExpiryInterval: 1 } });
    await other.publishAndWait(clientId, 'long', { qos: 1, properties: { messageExpiryInterval: 100 } });
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const second = await clients.connect(options);
    const message = await second.message();
    expect(textOf(message)).toBe('long');
    expect(message.properties?.messageExpiryInterval).toBeLessThanOrEqual(98);
    expect(message.properties?.messageExpiryInterval).toBeGreaterThanOrEqual(96);
  });
}
