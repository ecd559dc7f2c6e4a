import { connectPacket } from '../../support/raw-client.js';
import { clientsOf, unique, type BrokerSource, type Strictness } from './broker-under-test.js';

/** CONNECT, CONNACK, PINGREQ and DISCONNECT. */
export function connectContract(broker: BrokerSource, strictness: Strictness): void {
  const clients = clientsOf(broker);

  describe.each([3, 4, 5] as const)('version %i', (protocolVersion) => {
    test('[v5 MQTT-3.1.4-5] [v5 MQTT-3.2.2-2] [v5 MQTT-3.2.0-1] [v5 MQTT-3.2.2-1] a CONNECT is answered with CONNACK 0 and no session', async () => {
      const { connack } = await clients.connect({ protocolVersion });
      expect(connack).toMatchObject({ sessionPresent: false, reasonCode: 0 });
    });

    test('[v5 MQTT-3.12.4-1] PINGREQ is answered with PINGRESP', async () => {
      const client = await clients.connect({ protocolVersion });
      client.send({ cmd: 'pingreq' });
      await client.next('pingresp');
    });

    test('[v5 MQTT-3.1.0-2] [v5 MQTT-3.2.0-2] a second CONNECT ends the connection', async () => {
      const client = await clients.connect({ protocolVersion });
      client.send(connectPacket({ protocolVersion, clientId: unique('second') }));
      const last = await client.closed();
      if (strictness === 'strict') expect(last.length).toBe(protocolVersion === 5 ? 1 : 0);
      for (const packet of last) expect(packet).toMatchObject({ cmd: 'disconnect', reasonCode: 0x82 });
    });

    test('[v5 MQTT-3.1.0-1] a connection whose first packet is not CONNECT is closed silently', async () => {
      const client = await clients.open(protocolVersion);
      client.send({ cmd: 'pingreq' });
      expect(await client.closed()).toEqual([]);
    });

    test('[v5 MQTT-3.1.4-3] a second connection of a client identifier ends the first', async () => {
      const clientId = unique('twin');
      const first = await clients.connect({ protocolVersion, clientId });
      const second = await clients.connect({ protocolVersion, clientId });
      const last = await first.closed();
      if (strictness === 'strict') expect(last.length).toBe(protocolVersion === 5 ? 1 : 0);
      for (const packet of last) expect(packet).toMatchObject({ cmd: 'disconnect', reasonCode: 0x8e });
      expect(await second.settle()).toEqual([]);
    });

    test('[v5 MQTT-3.14.4-2] the connection ends after DISCONNECT', async () => {
      const client = await clients.connect({ protocolVersion });
      client.send({ cmd: 'disconnect', reasonCode: 0 });
      expect(await client.closed()).toEqual([]);
    });

    test('[v5 MQTT-3.1.2-22] [v5 MQTT-3.2.2-22] a client that is silent for one and a half keep-alives is disconnected', async () => {
      const client = await clients.connect({ protocolVersion, keepalive: 1 });
      const since = Date.now();
      await client.closed(12_000);
      expect(Date.now() - since).toBeGreaterThan(1400);
      expect(Date.now() - since).toBeLessThan(strictness === 'strict' ? 3500 : 10_000);
    }, 15_000);
  });

  test.each([4, 5] as const)(
    '[v%d MQTT-3.1.3-5] an identifier of 23 letters and digits is taken',
    async (protocolVersion) => {
      const clientId = `0aZ${Math.random().toString(36).slice(2)}`.padEnd(23, 'x').slice(0, 23);
      expect((await clients.connect({ protocolVersion, clientId })).connack.reasonCode).toBe(0);
    },
  );

  test('[v4 MQTT-3.1.3-6] an empty client identifier is accepted with a clean session', async () => {
    expect((await clients.connect({ protocolVersion: 4, clientId: '' })).connack.reasonCode).toBe(0);
  });

  test('[v5 MQTT-3.1.2-28] response information is sent only on request', async () => {
    const { connack } = await clients.connect();
    expect(connack).not.toHaveProperty('properties.responseInformation');
  });

  test.each([
    ['[v4 MQTT-3.1.4-1] [v4 MQTT-3.2.2-6]', 4, [0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x0a, 0, 0, 0, 1, 0x61]],
    ['[v5 MQTT-3.1.4-1]', 5, [0x10, 14, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 0x0a, 0, 0, 0, 0, 1, 0x61]],
  ] as const)('%s a CONNECT with the QoS of a will and no will ends the connection', async (_id, version, packet) => {
    const client = await clients.open(version);
    client.send(Uint8Array.from(packet));
    const last = await client.closed();
    if (strictness === 'strict') expect(last.length).toBe(version === 5 ? 1 : 0);
    for (const answer of last) expect(answer.cmd).toBe('connack');
  });

  test('[v5 MQTT-3.1.3-6] [v5 MQTT-3.1.3-7] [v5 MQTT-3.2.2-16] a client without an identifier is assigned a unique one', async () => {
    const names = [await clients.connect({ clientId: '' }), await clients.connect({ clientId: '' })].map(
      ({ connack }) => connack.properties?.assignedClientIdentifier,
    );
    expect(names[0]).toMatch(/./);
    expect(names[1]).toMatch(/./);
    expect(names[0]).not.toBe(names[1]);
  });

  test('[v4 MQTT-3.1.3-8] [v4 MQTT-3.1.3-9] [v4 MQTT-3.2.2-4] [v4 MQTT-3.2.2-5] an empty client identifier with a persistent session is refused with 0x02', async () => {
    const client = await clients.open(4);
    // Written by hand: an encoder refuses to.
    client.send(Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0, 0, 0, 0, 0));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 2, sessionPresent: false }]);
  });

  test('[v4 MQTT-3.1.2-2] [v5 MQTT-3.1.2-2] an unknown protocol level is refused with 0x01', async () => {
    const client = await clients.open(4);
    client.send(Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9, 2, 0, 0, 0, 1, 0x61));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 1 }]);
  });

  test('[v5 MQTT-3.1.2-1] [v4 MQTT-3.1.2-1] another protocol name ends the connection', async () => {
    const client = await clients.open(4);
    client.send(Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x58, 4, 2, 0, 0, 0, 1, 0x61));
    expect((await client.closed()).filter(({ cmd }) => cmd !== 'connack')).toEqual([]);
  });

  test('[v5 MQTT-3.1.2-3] [v4 MQTT-3.1.2-3] a reserved connect flag ends the connection', async () => {
    const client = await clients.open(4);
    client.send(Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 3, 0, 0, 0, 1, 0x61));
    expect((await client.closed()).filter(({ cmd }) => cmd !== 'connack')).toEqual([]);
  });

  test.each([
    [4, [0x10, 15, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 3, 0x62, 0x69, 0x74]],
    [5, [0x10, 16, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 0, 0, 0, 3, 0x62, 0x69, 0x74]],
  ] as const)('[v%d MQTT-4.2.0-1] packets may arrive one byte at a time', async (protocolVersion, packet) => {
    const client = await clients.open(protocolVersion);
    for (const byte of packet) {
      client.send(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.next('connack')).toMatchObject({ reasonCode: 0 });
  });

  test('packets that follow CONNECT in the same write are served after CONNACK', async () => {
    const client = await clients.open(5);
    client.send(connectPacket({ clientId: unique('eager') }));
    client.send({ cmd: 'subscribe', packetId: 9, subscriptions: [{ filter: unique('eager'), qos: 0 }] });
    await client.next('connack');
    expect(await client.next('suback')).toMatchObject({ packetId: 9, reasonCodes: [0] });
  });
}
