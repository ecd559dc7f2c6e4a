import type { Observable } from 'rxjs';
import { connect, type ClientOptions, type MqttMessage } from '../../src/index.js';
import { ACCEPTED, ScriptedPeer, turn } from './scripted-peer.js';

const BOTH = [4, 5] as const;
type Version = (typeof BOTH)[number];
const quiet = { error: () => undefined };

const open = async (version: Version, options: Partial<ClientOptions> = {}): Promise<ScriptedPeer> => {
  const peer = new ScriptedPeer(version, options);
  await turn();
  return peer;
};
const connected = async (version: Version, options: Partial<ClientOptions> = {}, connack = ACCEPTED[version]) => {
  const peer = await open(version, options);
  peer.write(connack);
  await turn();
  peer.take();
  return peer;
};
/** PUBLISH from the broker to `t`. */
const inbound = (version: Version, first: string, id = ''): string =>
  version === 5
    ? `${first} ${id === '' ? '04' : '06'} 0001 74 ${id} 00`
    : `${first} ${id === '' ? '03' : '05'} 0001 74 ${id}`;
const end = (peer: ScriptedPeer): Promise<void> => peer.client.end({ force: true });
const connectOf = async (version: Version, options: Partial<ClientOptions> = {}): Promise<string> => {
  const peer = await open(version, options);
  const [packet = ''] = peer.take();
  await end(peer);
  return packet;
};
/** Behind fixed header, protocol name and version. */
const flagsOf = (packet: string): number => Number.parseInt(packet.slice(18, 20), 16);
const text = (value: string): string => {
  const bytes = Buffer.from(value);
  return bytes.length.toString(16).padStart(4, '0') + bytes.toString('hex');
};
const again = { reconnect: { minDelay: 0, jitter: 'none' }, clean: false, sessionExpiry: 60 } as const;
const reconnected = async (peer: ScriptedPeer, connack: string): Promise<string[]> => {
  const { connections } = peer;
  peer.fail();
  for (let turns = 0; peer.connections === connections && turns < 1000; turns++) await turn();
  await turn();
  peer.take();
  peer.write(connack);
  await turn();
  return peer.take();
};
const PRESENT = { 4: '2002 0100', 5: '2003 01 00 00' } as const;

describe.each(BOTH.map((version) => ({ version })))('MQTT level $version: CONNECT', ({ version }) => {
  const noProperties = version === 5 ? '05 27 01000000' : '';

  it(`[v${version} MQTT-3.1.3-1] [v${version} MQTT-3.1.3-3] [v${version} MQTT-3.1.2-9] has its fields in the order of the standard`, async () => {
    const packet = await connectOf(version, {
      username: 'u',
      password: 'p',
      will: { topic: 'w', payload: 'x', qos: 1, retain: true },
    });
    const level = `0${version}`;
    const body =
      `${text('MQTT')}${level}ee0000${noProperties.replace(/\s/g, '')}${text('c')}${version === 5 ? '00' : ''}` +
      `${text('w')}${text('x')}${text('u')}${text('p')}`;
    expect(packet).toBe(`10${(body.length / 2).toString(16).padStart(2, '0')}${body}`);
  });

  it(`[v${version} MQTT-3.1.2-11] [v${version} MQTT-3.1.2-13] [v${version} MQTT-3.1.2-16] [v${version} MQTT-3.1.2-18] has no flag for what it does not carry`, async () => {
    expect(flagsOf(await connectOf(version))).toBe(0x02);
    expect(await connectOf(version)).toMatch(new RegExp(`${text('c')}$`));
  });

  it(`[v${version} MQTT-3.1.2-3] never sets the reserved flag`, async () => {
    expect(flagsOf(await connectOf(version, { username: '', will: { topic: 'w' } })) & 1).toBe(0);
  });

  it(`[v${version} MQTT-3.1.2-17] [v${version} MQTT-3.1.2-19] carries a user name and a password that are empty`, async () => {
    const packet = await connectOf(version, { username: '', password: '' });
    expect(flagsOf(packet)).toBe(0xc2);
    expect(packet).toMatch(/00000000$/);
  });

  it(`[v${version} MQTT-3.1.2-12] [v${version} MQTT-3.1.3-4] [v${version} MQTT-3.1.3-11] [v${version} MQTT-3.1.3-12] refuses what it cannot carry`, () => {
    const make = (options: object) => () => connect('mqtt://x', { lazy: true, protocolVersion: version, ...options });
    for (const bad of ['\ud800', 'a\0b']) {
      expect(make({ clientId: bad })).toThrow(TypeError);
      expect(make({ username: bad, password: '' })).toThrow(TypeError);
      expect(make({ will: { topic: bad } })).toThrow(TypeError);
    }
    expect(make({ will: { topic: 'w', qos: 3 } })).toThrow(TypeError);
  });

  it(`[v${version} MQTT-3.1.0-2] goes out once a connection`, async () => {
    const peer = await connected(version);
    peer.client.publish('a', '').subscribe(quiet);
    peer.client.subscribe('a').subscribe(quiet);
    await turn();
    expect(peer.take().filter((packet) => packet.startsWith('10'))).toEqual([]);
    await end(peer);
  });
});

describe.each(BOTH.map((version) => ({ version })))('MQTT level $version: packets', ({ version }) => {
  it(`[v${version} MQTT-2.1.3-1] have the flags that the table gives them`, async () => {
    const peer = await connected(version);
    peer.client.subscribe('s').subscribe(quiet);
    peer.client.unsubscribe('u').subscribe(quiet);
    peer.client.publish('a', '', { qos: 2 }).subscribe(quiet);
    peer.client.ping().subscribe(quiet);
    await turn();
    const id = peer
      .take()
      .find((packet) => packet.startsWith('34'))
      ?.slice(10, 14);
    peer.write(`50 02 ${id}`);
    peer.write(inbound(version, '32', '0005'));
    peer.write(inbound(version, '34', '0006'));
    peer.write('62 02 0006');
    const firsts = peer.take().map((packet) => packet.slice(0, 2));
    expect(firsts).toEqual(['62', '40', '50', '70']);
    await peer.client.end({ force: true });
    expect(peer.take()[0]?.slice(0, 2)).toBe('e0');
  });

  it(`[v${version} MQTT-2.2.1-5] [v${version} MQTT-3.3.4-1] [v${version} MQTT-4.5.0-2] [v${version} MQTT-4.3.3-8] are answered by QoS with their identifier, wanted or not`, async () => {
    const peer = await connected(version);
    peer.client.publish('own', '', { qos: 1 }).subscribe(quiet);
    peer.take();
    for (const first of ['30', '32', '34'])
      peer.write(inbound(version, first, first === '30' ? '' : first === '32' ? '0001' : '1234'));
    expect(peer.take()).toEqual(['40020001', '50021234']);
    await end(peer);
  });

  it(`[v${version} MQTT-4.3.1-1] [v${version} MQTT-4.3.2-1] [v${version} MQTT-4.3.2-2] [v${version} MQTT-4.3.3-1] [v${version} MQTT-4.3.3-2] [v${version} MQTT-3.3.2-1] are new ones with DUP 0 and an unused identifier`, async () => {
    const peer = await connected(version);
    for (const qos of [0, 1, 2] as const) peer.client.publish('t', 'x', { qos }).subscribe(quiet);
    const properties = version === 5 ? '00' : '';
    const size = (more: number): string => (4 + more + properties.length / 2).toString(16).padStart(2, '0');
    expect(peer.take()).toEqual([
      `30${size(0)}000174${properties}78`,
      `32${size(2)}0001740001${properties}78`,
      `34${size(2)}0001740002${properties}78`,
    ]);
    await end(peer);
  });

  it(`[v${version} MQTT-4.3.2-5] take an identifier for a new message once it was acknowledged`, async () => {
    const peer = await connected(version);
    peer.write(inbound(version, '32', '0005'));
    peer.write(inbound(version, '3a', '0005'));
    expect(peer.delivered).toEqual(['t=', 't=']);
    await end(peer);
  });

  it(`[v${version} MQTT-4.3.2-3] [v${version} MQTT-4.3.3-3] [v${version} MQTT-4.3.3-5] [v${version} MQTT-4.1.0-1] stay unacknowledged until the peer says otherwise, also on the next connection`, async () => {
    const peer = await connected(version, again);
    const settled: string[] = [];
    for (const [name, qos] of [
      ['one', 1],
      ['two', 2],
      ['three', 2],
    ] as const) {
      peer.client.publish(name, '', { qos }).subscribe({ complete: () => settled.push(name), ...quiet });
    }
    peer.write('50 02 0003');
    const resent = await reconnected(peer, PRESENT[version]);
    expect(resent.map((packet) => packet.slice(0, 2))).toEqual(['3a', '3c', '62']);
    expect(settled).toEqual([]);
    peer.write('40 02 0001 50 02 0002 70 02 0002 70 02 0003');
    expect(settled).toEqual(['one', 'two', 'three']);
    expect(await reconnected(peer, PRESENT[version])).toEqual([]);
    await end(peer);
  });

  it(`[v${version} MQTT-4.6.0-3] [v${version} MQTT-4.6.0-4] are PUBREC and PUBREL in the order of what they answer`, async () => {
    const peer = await connected(version);
    const held: (() => void)[] = [];
    peer.client
      .subscribe('t', { qos: 2, ack: 'manual' })
      .subscribe({ next: (message) => held.push(() => message.ack()), ...quiet });
    for (let n = 0; n < 3; n++) peer.client.publish('a', '', { qos: 2 }).subscribe(quiet);
    await turn();
    const ids = peer
      .take()
      .filter((packet) => packet.startsWith('34'))
      .map((packet) => packet.slice(10, 14))
      .reverse();
    peer.write(ids.map((id) => `5002${id}`).join(''));
    expect(peer.take()).toEqual(ids.map((id) => `6202${id}`));
    for (const id of ['0007', '0008', '0009']) peer.write(inbound(version, '34', id));
    for (const ack of [...held].reverse()) ack();
    expect(peer.take()).toEqual(['50020007', '50020008', '50020009']);
    await end(peer);
  });

  it(`[v${version} MQTT-3.2.2-5] [v${version} MQTT-3.1.2-4] are not sent again as what they were when the broker has no session`, async () => {
    const peer = await connected(version, { ...again, onSessionLost: 'fail' });
    const errors: string[] = [];
    peer.client.publish('a', '', { qos: 2 }).subscribe({ error: (error: Error) => errors.push(error.name) });
    expect(await reconnected(peer, ACCEPTED[version])).toEqual([]);
    expect(errors).toEqual(['SessionLostError']);
    await end(peer);
  });

  it(`[v${version} MQTT-3.8.3-1] [v${version} MQTT-3.10.3-1] are refused with a filter that is no text`, async () => {
    const peer = await connected(version);
    const errors: string[] = [];
    for (const action$ of [peer.client.subscribe('\ud800'), peer.client.unsubscribe('a\0')] as Observable<unknown>[]) {
      action$.subscribe({ error: (error: Error) => errors.push(error.name) });
    }
    await turn();
    expect(errors).toEqual(['SubscribeError', 'SubscribeError']);
    expect(peer.take()).toEqual([]);
    await end(peer);
  });

  it(`[v${version} MQTT-3.14.4-1] [v${version} MQTT-3.14.4-2] end with DISCONNECT, and the line with it`, async () => {
    const peer = await connected(version);
    peer.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    peer.take();
    await peer.client.end({ force: true });
    expect(peer.take()).toEqual(['e000', 'closed']);
  });

  it(`[v${version} MQTT-4.13.2-1] end without a word when the broker refuses`, async () => {
    const peer = await open(version);
    peer.take();
    peer.write(version === 5 ? '2003 00 87 00' : '2002 00 05');
    expect(peer.take()).toEqual(['closed']);
    await peer.client.end();
  });
});

describe('MQTT 5', () => {
  it('[v5 MQTT-1.5.7-1] [v5 MQTT-3.3.2-13] [v5 MQTT-3.3.2-19] refuses properties that are no text', async () => {
    const peer = await connected(5);
    const errors: string[] = [];
    for (const properties of [
      { userProperties: [['a', '\ud800']] as const },
      { userProperties: [['a\0', 'b']] as const },
      { responseTopic: '\ud800' },
      { contentType: 'a\0' },
    ]) {
      peer.client
        .publish('a', '', { properties })
        .subscribe({ error: (error: { code: string }) => errors.push(error.code) });
    }
    expect(errors).toEqual(Array(4).fill('INVALID_PROPERTY'));
    expect(peer.take()).toEqual([]);
    await end(peer);
  });

  it('[v5 MQTT-3.2.2-4] closes over a session that it asked not to have', async () => {
    const peer = await open(5);
    peer.take();
    peer.write(PRESENT[5]);
    await turn();
    expect(peer.take()).toEqual(['e0028200', 'closed']);
    await peer.client.end();
  });

  it('[v5 MQTT-3.3.4-7] [v5 MQTT-4.9.0-1] [v5 MQTT-4.9.0-2] has no more in flight than the broker takes, anew on each connection', async () => {
    const peer = await connected(5, again, '2006 00 00 03 21 0002');
    for (let n = 0; n < 4; n++) peer.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    expect(peer.take()).toHaveLength(2);
    expect(await reconnected(peer, '2006 01 00 03 21 0001')).toHaveLength(1);
    peer.write('40 02 0001');
    expect(peer.take()).toHaveLength(1);
    await end(peer);
  });

  it('[v5 MQTT-3.3.4-8] [v5 MQTT-4.9.0-3] a full window holds back nothing but PUBLISH', async () => {
    const peer = await connected(5, {}, '2006 00 00 03 21 0001');
    for (let n = 0; n < 2; n++) peer.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    peer.take();
    peer.client.subscribe('s').subscribe(quiet);
    peer.client.ping().subscribe(quiet);
    await turn();
    peer.write(inbound(5, '34', '0007'));
    peer.write('62 02 0007');
    expect(
      peer
        .take()
        .map((packet) => packet.slice(0, 2))
        .sort(),
    ).toEqual(['50', '70', '82', 'c0']);
    await end(peer);
  });

  it('[v5 MQTT-3.5.2-1] [v5 MQTT-3.6.2-1] [v5 MQTT-3.7.2-1] says only the codes of the tables in its acknowledgements', async () => {
    const peer = await connected(5);
    const thrown: unknown[] = [];
    peer.client.subscribe('t', { qos: 2, ack: 'manual' }).subscribe({
      next(message) {
        for (const code of [0x10, 0x92, 1]) {
          try {
            message.ack(code);
          } catch (error) {
            thrown.push(error);
          }
        }
        message.ack(0x83);
      },
      ...quiet,
    });
    await turn();
    peer.take();
    peer.write(inbound(5, '34', '0007'));
    expect(thrown).toHaveLength(3);
    expect(peer.take()).toEqual(['5003000783']);
    peer.write('62 02 0007');
    peer.write('50 02 0042');
    expect(peer.take()).toEqual(['7003000792', '6203004292']);
    await end(peer);
  });

  it('[v5 MQTT-4.4.0-2] never sends again what was refused', async () => {
    const peer = await connected(5, again);
    peer.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    peer.client.publish('b', '', { qos: 2 }).subscribe(quiet);
    peer.write('40 03 0001 97 50 03 0002 97');
    expect(await reconnected(peer, PRESENT[5])).toEqual([]);
    await end(peer);
  });

  it('[v5 MQTT-4.3.3-13] finishes the exchange of a message that expires on the way', async () => {
    const peer = await connected(5);
    peer.write('34 0b 0001 74 0007 05 02 00000000');
    peer.write('62 02 0007');
    expect(peer.take()).toEqual(['50020007', '70020007']);
    expect(peer.delivered).toEqual(['t=']);
    await end(peer);
  });

  it('[v5 MQTT-3.15.1-1] closes over AUTH with flags', async () => {
    const peer = await connected(5);
    peer.write('f1 00');
    await turn();
    expect(peer.take()).toEqual(['e0028100', 'closed']);
    await peer.client.end();
  });

  it('[v5 MQTT-3.1.3-2] takes the identifier that the broker assigned for its own', async () => {
    const peer = await connected(
      5,
      { clientId: '', reconnect: { minDelay: 0, jitter: 'none' } },
      '2007 00 00 04 12 0001 7a',
    );
    peer.fail();
    for (let turns = 0; peer.connections < 2 && turns < 1000; turns++) await turn();
    await turn();
    expect(peer.take()[0]).toMatch(new RegExp(`${text('z')}$`));
    await end(peer);
  });
});

describe('MQTT 3.1.1', () => {
  it('[v4 MQTT-3.1.2-22] [v4 MQTT-3.1.3-7] refuses a password alone, and an empty identifier for a session', () => {
    const make = (options: object) => () => connect('mqtt://x', { lazy: true, protocolVersion: 4, ...options });
    expect(make({ password: 'p' })).toThrow(TypeError);
    expect(make({ clientId: '', clean: false })).toThrow(TypeError);
  });

  it('[v4 MQTT-3.8.3-4] asks for a QoS and nothing else', async () => {
    const peer = await connected(4);
    peer.client
      .subscribe('s', { qos: 1, retainHandling: 2, properties: { userProperties: [['a', 'b']] } })
      .subscribe(quiet);
    // It has no such options, and to leave one out would break a promise: that is a typed error, and no byte.
    peer.client.subscribe('t', { qos: 1, noLocal: true, retainAsPublished: true }).subscribe(quiet);
    await turn();
    expect(peer.take()).toEqual(['82060001000173' + '01']);
    await end(peer);
  });

  it('[v4 MQTT-3.1.2-6] has nothing left of a clean session on the next connection', async () => {
    const peer = await connected(4, { reconnect: { minDelay: 0, jitter: 'none' }, onSessionLost: 'fail' });
    peer.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    expect(await reconnected(peer, ACCEPTED[4])).toEqual([]);
    await end(peer);
  });

  it('[v4 MQTT-2.3.1-1] [v4 MQTT-2.3.1-3] [v4 MQTT-2.3.1-6] keeps the identifier of a message until it is acknowledged', async () => {
    const peer = await connected(4, again);
    peer.client.publish('a', '', { qos: 2 }).subscribe(quiet);
    expect(await reconnected(peer, PRESENT[4])).toEqual(['3c050001610001']);
    peer.write('50 02 0001');
    expect(peer.take()).toEqual(['62020001']);
    await end(peer);
  });

  it('[v4 MQTT-4.3.2-1] [v4 MQTT-4.3.2-2] [v4 MQTT-4.3.3-1] [v4 MQTT-4.3.3-2] runs the handshakes of both directions', async () => {
    const peer = await connected(4);
    peer.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    peer.client.publish('b', '', { qos: 2 }).subscribe(quiet);
    peer.write('40 02 0001 50 02 0002');
    peer.write(inbound(4, '32', '0007') + inbound(4, '34', '0008'));
    peer.write('62 02 0008');
    expect(peer.take()).toEqual(['32050001610001', '34050001620002', '62020002', '40020007', '50020008', '70020008']);
    await end(peer);
  });

  it('[v4 MQTT-1.5.3-1] [v4 MQTT-1.5.3-2] [v4 MQTT-2.2.2-2] [v4 MQTT-4.8.0-1] closes without DISCONNECT over malformed packets', async () => {
    for (const bytes of ['30 05 0003 eda080', '30 03 0001 00', '41 02 0001']) {
      const peer = await connected(4);
      peer.write(bytes);
      await turn();
      expect(peer.take()).toEqual(['closed']);
      await peer.client.end();
    }
  });
});

describe.each(BOTH.map((version) => ({ version })))('MQTT level $version: the rules of every packet', ({ version }) => {
  /** The codes of the errors that these Observables end with; nothing of it may reach the wire. */
  const refusals = async (ask: (peer: ScriptedPeer) => readonly Observable<unknown>[]): Promise<string[]> => {
    const peer = await connected(version);
    const codes: string[] = [];
    for (const action$ of ask(peer)) action$.subscribe({ error: (error: { code: string }) => codes.push(error.code) });
    await turn();
    expect(peer.take()).toEqual([]);
    expect(peer.client.state.status).toBe('connected');
    await end(peer);
    return codes;
  };

  it(`[v${version} MQTT-3.1.0-1] [v${version} MQTT-3.1.2-1] CONNECT comes first, and names MQTT`, async () => {
    const peer = new ScriptedPeer(version);
    peer.client.publish('a', '').subscribe(quiet);
    peer.client.subscribe('a').subscribe(quiet);
    await turn();
    expect(peer.take()).toEqual([expect.stringMatching(/^10..00044d515454/)]);
    await end(peer);
  });

  it(`[v${version} MQTT-3.3.1-1] [v${version} MQTT-4.6.0-1] what is sent again has DUP, its identifier and its place`, async () => {
    const peer = await connected(version, again);
    for (const [topic, qos] of [
      ['a', 1],
      ['b', 2],
      ['c', 1],
    ] as const)
      peer.client.publish(topic, '', { qos }).subscribe(quiet);
    const resent = await reconnected(peer, PRESENT[version]);
    expect(resent.map((packet) => packet.slice(0, 2) + packet.slice(8, 14))).toEqual([
      '3a610001',
      '3c620002',
      '3a630003',
    ]);
    await end(peer);
  });

  it(`[v${version} MQTT-3.3.1-2] [v${version} MQTT-2.2.1-2] QoS 0 has neither DUP nor identifier`, async () => {
    const peer = await connected(version);
    peer.client.publish('a', 'x').subscribe(quiet);
    expect(peer.take()).toEqual([version === 5 ? '300500016100' + '78' : '3004000161' + '78']);
    await end(peer);
  });

  it(`[v${version} MQTT-3.3.1-4] [v${version} MQTT-3.3.2-2] [v${version} MQTT-4.7.0-1] [v${version} MQTT-4.7.3-1] [v${version} MQTT-4.7.3-2] [v${version} MQTT-4.7.3-3] a publish that breaks the rules errors alone`, async () => {
    const bad = ['a/+', '#', '', 'a\0', 'a'.repeat(65536), '\u20ac'.repeat(21846)];
    expect(
      await refusals(({ client }) => [
        ...bad.map((topic) => client.publish(topic, '')),
        client.publish('a', '', { qos: 3 as 2 }),
      ]),
    ).toEqual([...bad.map(() => 'INVALID_TOPIC'), 'INVALID_QOS']);
  });

  it(`[v${version} MQTT-4.7.1-1] [v${version} MQTT-4.7.1-2] [v${version} MQTT-4.7.3-1] [v${version} MQTT-3.8.3-2] [v${version} MQTT-3.10.3-2] a filter that breaks the rules errors alone, and so does none at all`, async () => {
    const bad = ['a#', 'a/#/b', 'a+', '+a/b', ''];
    expect(
      await refusals(({ client }) => [
        ...bad.map((filter) => client.subscribe(filter)),
        client.subscribe([]),
        client.unsubscribe([]),
      ]),
    ).toEqual(Array(7).fill('INVALID_FILTER'));
  });

  it(`[v${version} MQTT-3.6.1-1] [v${version} MQTT-3.8.1-1] [v${version} MQTT-3.10.1-1] PUBREL, SUBSCRIBE and UNSUBSCRIBE have the flags 0010`, async () => {
    const peer = await connected(version);
    peer.write('50 02 0042');
    peer.client.unsubscribe('u').subscribe(quiet);
    peer.client.subscribe('s').subscribe(quiet);
    await turn();
    expect(
      peer
        .take()
        .map((packet) => packet.slice(0, 2))
        .sort(),
    ).toEqual(['62', '82', 'a2']);
    await end(peer);
  });

  it(`[v${version} MQTT-4.2.0-1] packets may come in any pieces`, async () => {
    const peer = await connected(version);
    peer.write(inbound(version, '32', '0007') + inbound(version, '30'), true);
    expect(peer.delivered).toEqual(['t=', 't=']);
    await end(peer);
  });

  it(`[v${version} MQTT-4.3.3-10] [v${version} MQTT-4.3.3-11] [v${version} MQTT-4.3.3-12] QoS 2 is delivered once until PUBREL, also on the next connection`, async () => {
    const peer = await connected(version, again);
    peer.write(inbound(version, '34', '0007') + inbound(version, '3c', '0007'));
    expect(peer.take()).toEqual(['50020007', '50020007']);
    await reconnected(peer, PRESENT[version]);
    peer.write(inbound(version, '3c', '0007'));
    expect(peer.delivered).toEqual(['t=']);
    peer.write('62 02 0007');
    expect(peer.take()).toEqual(['50020007', '70020007']);
    peer.write(inbound(version, '34', '0007'));
    expect(peer.delivered).toEqual(['t=', 't=']);
    await end(peer);
  });

  it(`[v${version} MQTT-4.6.0-2] PUBACK leaves in the order of arrival`, async () => {
    const peer = await connected(version);
    const held: (() => void)[] = [];
    const keep = { next: (message: MqttMessage) => void held.push(() => message.ack()), ...quiet };
    peer.client.subscribe('t', { qos: 1, ack: 'manual' }).subscribe(keep);
    await turn();
    peer.take();
    for (const id of ['0007', '0008']) peer.write(inbound(version, '32', id));
    for (const ack of held.reverse()) ack();
    expect(peer.take()).toEqual(['40020007', '40020008']);
    await end(peer);
  });

  it(`[v${version} MQTT-2.2.1-3] identifiers are not 0, and not used twice at a time`, async () => {
    const peer = await connected(version);
    for (let n = 0; n < 3; n++) peer.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    peer.client.subscribe('s').subscribe(quiet);
    peer.client.unsubscribe('u').subscribe(quiet);
    await turn();
    const ids = peer.take().map((packet) => (packet.startsWith('3') ? packet.slice(10, 14) : packet.slice(4, 8)));
    expect(new Set(ids).size).toBe(5);
    expect(ids).not.toContain('0000');
    await end(peer);
  });

  it(`[v${version} MQTT-1.5.4-3] a byte order mark stays, both ways`, async () => {
    const peer = await connected(version);
    peer.client.publish('\ufeffa', '').subscribe(quiet);
    const [packet = ''] = peer.take();
    expect(packet).toContain('0004efbbbf61');
    peer.write(packet);
    expect(peer.delivered).toEqual(['\ufeffa=']);
    await end(peer);
  });
});

describe('MQTT 5: the rules of its own', () => {
  it('[v5 MQTT-3.1.2-23] keeps the state of a session that has not ended, and drops that of one that has', async () => {
    const kept = await connected(5, again);
    kept.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    expect(await reconnected(kept, PRESENT[5])).toEqual(['3a06000161000100']);
    await end(kept);
    const dropped = await connected(5, { reconnect: { minDelay: 0, jitter: 'none' }, onSessionLost: 'fail' });
    dropped.client.publish('a', '', { qos: 1 }).subscribe(quiet);
    expect(await reconnected(dropped, ACCEPTED[5])).toEqual([]);
    await end(dropped);
  });

  it('[v5 MQTT-3.3.2-14] [v5 MQTT-3.8.3-4] refuses a wildcard in a response topic, and noLocal on a shared subscription', async () => {
    const peer = await connected(5);
    const codes: string[] = [];
    for (const action$ of [
      peer.client.publish('a', '', { properties: { responseTopic: 'r/#' } }),
      peer.client.subscribe('$share/g/a', { noLocal: true }),
    ] as Observable<unknown>[]) {
      action$.subscribe({ error: (error: { code: string }) => codes.push(error.code) });
    }
    await turn();
    expect(codes).toEqual(['INVALID_PROPERTY', 'INVALID_OPTION']);
    expect(peer.take()).toEqual([]);
    await end(peer);
  });

  it('[v5 MQTT-3.8.3-5] sets no reserved bit in the options of a subscription', async () => {
    const peer = await connected(5, {}, '2005 00 00 02 29 00');
    const options = { qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 2 } as const;
    peer.client.subscribe('s', options).subscribe(quiet);
    await turn();
    expect(peer.take()).toEqual(['8207000100000173' + '2e']);
    await end(peer);
  });

  it('[v5 MQTT-3.4.2-1] acknowledges with the codes of the table only', async () => {
    const peer = await connected(5);
    peer.client.subscribe('t', { qos: 1, ack: 'manual' }).subscribe({
      next(message) {
        expect(() => message.ack(0x10)).toThrow(TypeError);
        message.ack(0x87);
      },
      ...quiet,
    });
    await turn();
    peer.take();
    peer.write(inbound(5, '32', '0007'));
    expect(peer.take()).toEqual(['4003000787']);
    await end(peer);
  });

  it('[v5 MQTT-3.14.1-1] answers DISCONNECT with flags with 0x81', async () => {
    const peer = await connected(5);
    peer.write('e1 00');
    await turn();
    expect(peer.take()).toEqual(['e0028100', 'closed']);
    await peer.client.end();
  });
});
