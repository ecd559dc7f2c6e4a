import type { ClientOptions } from '../../src/index.js';
import { ACCEPTED, ScriptedPeer, turn } from './scripted-peer.js';

/** Six ways in which a broker could harm a client, published in September 2026 for another library. */
describe('a broker that means harm', () => {
  const connected = async (options: Partial<ClientOptions> = {}): Promise<ScriptedPeer> => {
    const peer = new ScriptedPeer(5, options);
    await turn();
    peer.write(ACCEPTED[5]);
    await turn();
    peer.take();
    return peer;
  };
  /** The client is where it can be used or ended, and nothing was thrown uncaught. */
  const isOver = async (peer: ScriptedPeer, written: string[]): Promise<void> => {
    await turn();
    expect(peer.take()).toEqual([...written, 'closed']);
    expect(peer.client.state.status).toBe('ended');
    await peer.client.end();
  };

  it.each([
    ['with a topic', '30 07 0001 74 03 23 0001'],
    ['without a topic', '30 06 0000 03 23 0001'],
    ['at QoS 2', '34 09 0001 74 0001 03 23 0001'],
  ])('sends topic aliases that were not allowed, %s', async (_title, bytes) => {
    const peer = await connected();
    peer.write(bytes);
    await isOver(peer, ['e0029400']);
    expect(peer.delivered).toEqual([]);
  });

  it.each([
    ['with too many codes', '90 05 0001 00 00 00'],
    ['with no codes', '90 03 0001 00'],
    ['as UNSUBACK', 'b0 04 0001 00 00'],
    ['as PUBCOMP', '70 02 0001'],
  ])('answers a SUBSCRIBE %s', async (title, bytes) => {
    const peer = await connected();
    const errors: unknown[] = [];
    peer.client.subscribe('a').subscribe({ error: (error: unknown) => errors.push(error) });
    await turn();
    peer.take();
    peer.write(bytes);
    if (title === 'as PUBCOMP') {
      // It belongs to no publish, and a SUBSCRIBE is none.
      expect(peer.take()).toEqual([]);
      peer.write('90 04 0001 00 00');
      expect(peer.client.state.status).toBe('connected');
      await peer.client.end();
      return;
    }
    await isOver(peer, ['e0028200']);
    expect(errors).toHaveLength(1);
  });

  it('writes its limits into no options: neither those of the next connection nor those of another client', async () => {
    const options: Partial<ClientOptions> = {
      properties: { receiveMaximum: 20, topicAliasMaximum: 5 },
      sessionExpiry: 60,
      keepalive: 30,
      reconnect: { minDelay: 0, jitter: 'none' },
    };
    const before = structuredClone(options);
    const [one, two] = [new ScriptedPeer(5, options), new ScriptedPeer(5, options)];
    await turn();
    const [first] = one.take();
    const [other] = two.take();
    // Session expiry 0, receive maximum 1, topic aliases 0, server keep-alive 9, packets of 10 bytes.
    one.write('20 18 00 00 15 11 00000000 21 0001 22 0000 13 0009 27 0000000a 24 00');
    expect(one.client.state).toMatchObject({ negotiated: { keepalive: 9, receiveMaximum: 1 } });
    one.fail();
    for (let turns = 0; one.connections < 2 && turns < 1000; turns++) await turn();
    expect(one.take()).toEqual([first]);
    expect(other).toBe(first);
    expect(options).toEqual(before);
    await Promise.all([one.client.end(), two.client.end()]);
  });

  it.each([
    ['0x18', 'f0 08 18 06 15 0003 50494e'],
    ['0x00', 'f0 00'],
    ['0x19', 'f0 08 19 06 15 0003 50494e'],
  ])('sends AUTH %s out of nowhere', async (_code, bytes) => {
    const peer = await connected();
    peer.write(bytes);
    await isOver(peer, ['e0028200']);
  });

  it('sends a second CONNACK, with other limits: nothing is set up again', async () => {
    const peer = await connected();
    peer.client.subscribe('a').subscribe({ error: () => undefined });
    peer.client.publish('a', '', { qos: 1 }).subscribe({ error: () => undefined });
    await turn();
    const before = peer.client.state;
    const states: string[] = [];
    peer.client.state$.subscribe(({ status }) => states.push(status));
    peer.take();
    peer.write('20 06 00 00 03 21 0001');
    expect(before).toMatchObject({ negotiated: { receiveMaximum: 65535 } });
    await isOver(peer, ['e0028200']);
    expect(states).toEqual(['connected', 'ended']);
  });

  it('sends more at QoS 2 than our Receive Maximum, and never PUBREL', async () => {
    const peer = await connected({ properties: { receiveMaximum: 3 } });
    for (let id = 1; id <= 4; id++) peer.write(`34 06 0001 74 000${id} 00`);
    await isOver(peer, ['50020001', '50020002', '50020003', 'e0029300']);
    expect(peer.delivered).toHaveLength(3);
  });
});
