import { connectPacket } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();

const refuseAll = { authenticate: () => false, authorizeSubscribe: () => false } as const;

describe('a refusal has a reason string', () => {
  it('in CONNACK', async () => {
    const { open } = await start(refuseAll);
    const client = await open();
    client.send(connectPacket({ clientId: 'a', username: 'anna', password: new Uint8Array([1, 2]) }));
    expect(await client.closed()).toEqual([
      expect.objectContaining({
        cmd: 'connack',
        reasonCode: 0x86,
        properties: { reasonString: 'the user name or the password is not accepted' },
      }),
    ]);
  });

  it('in SUBACK, for the first filter that is refused', async () => {
    const { connect } = await start({ limits: { subscriptions: 1 } });
    const client = await connect();
    const { reasonCodes, properties } = await client.subscribe(['a', 'b'], 0);
    expect(reasonCodes).toEqual([0, 0x97]);
    expect(properties).toEqual({ reasonString: 'this session has the maximum number of subscriptions' });
    expect((await client.subscribe('a', 0)).properties?.reasonString).toBeUndefined();
  });

  it('in DISCONNECT, for a protocol error and for a decision of the broker', async () => {
    const { connect } = await start();
    const first = await connect({ clientId: 'a' });
    const second = await connect({ clientId: 'a' });
    expect((await first.closed()).at(-1)).toMatchObject({
      reasonCode: 0x8e,
      properties: { reasonString: 'another connection uses this client identifier' },
    });
    second.send(connectPacket({ clientId: 'a' }));
    expect((await second.closed()).at(-1)).toMatchObject({
      reasonCode: 0x82,
      properties: { reasonString: 'a connected client may not send CONNECT' },
    });
  });

  it('[v5 MQTT-3.1.2-29] not for a client that turned reason strings off', async () => {
    const { connect } = await start({ limits: { subscriptions: 0 } });
    const silent = { properties: { requestProblemInformation: false } };
    const client = await connect(silent);
    const { reasonCodes, properties } = await client.subscribe('a', 0);
    expect(reasonCodes).toEqual([0x97]);
    expect(properties?.reasonString).toBeUndefined();
    client.send(connectPacket());
    expect((await client.closed()).at(-1)).toEqual(
      expect.objectContaining({ cmd: 'disconnect', reasonCode: 0x82, properties: undefined }),
    );
    const refusing = await start(refuseAll);
    const refused = await refusing.open();
    refused.send(connectPacket(silent));
    expect((await refused.closed())[0]).not.toHaveProperty('properties.reasonString');
  });

  it('[v5 MQTT-3.2.2-19] [v5 MQTT-3.9.2-1] [v5 MQTT-3.14.2-3] not when the packet would become too large', async () => {
    const small = { properties: { maximumPacketSize: 24 } };
    const refusing = await start(refuseAll);
    const refused = await refusing.open();
    refused.send(connectPacket(small));
    const [connack] = await refused.closed();
    expect(connack).toMatchObject({ cmd: 'connack', reasonCode: 0x86 });
    expect(connack).not.toHaveProperty('properties.reasonString');

    const { connect } = await start({ limits: { subscriptions: 0 } });
    const client = await connect({ ...small, clientId: 'a' });
    const suback = await client.subscribe('a', 0);
    expect(suback.reasonCodes).toEqual([0x97]);
    expect(suback.properties?.reasonString).toBeUndefined();
    client.send(connectPacket());
    const goodbye = (await client.closed()).at(-1);
    expect(goodbye).toMatchObject({ cmd: 'disconnect', reasonCode: 0x82 });
    expect(goodbye).not.toHaveProperty('properties.reasonString');
  });

  it('not on 3.1.1, which has no reason strings', async () => {
    const { open } = await start({ authorizeSubscribe: () => false });
    const client = await open(4);
    await client.handshake({ protocolVersion: 4, clientId: 'a' });
    expect((await client.subscribe('a', 0)).reasonCodes).toEqual([0x80]);
  });
});
