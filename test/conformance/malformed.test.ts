import type { ProtocolVersion } from '../../src/index.js';
import { rows, type Reaction, type Row, type Setting } from './malformed-rows.js';
import { ACCEPTED, ScriptedPeer, turn } from './scripted-peer.js';

const VERSIONS = [3, 4, 5] as const;

const quiet = { error: () => undefined };

/** Brings a client to where the bytes meet it. */
async function bring(peer: ScriptedPeer, version: ProtocolVersion, setting: Setting): Promise<void> {
  await turn();
  if (setting === 'connecting') return;
  peer.write(ACCEPTED[version]);
  switch (setting) {
    case 'subscribing':
      peer.client.subscribe('a').subscribe(quiet);
      break;
    case 'unsubscribing':
      peer.client.unsubscribe('a').subscribe(quiet);
      break;
    case 'published1':
      peer.client.publish('a', '', { qos: 1 }).subscribe(quiet);
      break;
    case 'published2':
    case 'released':
      peer.client.publish('a', '', { qos: 2 }).subscribe(quiet);
      if (setting === 'released') peer.write('50 02 0001');
  }
  await turn();
}

/** What an implementation that follows the matrix does. */
function expected(reaction: Exclude<Reaction, undefined>): string[] {
  if (reaction === 'close') return ['closed'];
  if (typeof reaction === 'number') return [`e002${reaction.toString(16)}00`, 'closed'];
  return [...reaction];
}

const cases = rows.flatMap((row) =>
  VERSIONS.flatMap((version) => {
    const reaction = { 3: 'v3' in row ? row.v3 : row.v4, 4: row.v4, 5: row.v5 }[version];
    const bytes = typeof row.bytes === 'string' ? row.bytes : row.bytes[version];
    if (reaction === undefined || bytes === undefined) return [];
    return [{ version, number: row.row, title: row.title, row, bytes, reaction }];
  }),
);

describe.each([
  ['in one chunk', false],
  ['byte by byte', true],
])('the malformed matrix, %s', (_title, oneByOne) => {
  it.each(cases)('[v$version row $number] $title', async ({ version, row, bytes, reaction }) => {
    const { setting = 'connected', hangsUp = false, answers = [], delivers = [] }: Row = row;
    const peer = new ScriptedPeer(version, row.options);
    await bring(peer, version, setting);
    peer.take();
    peer.write(bytes, oneByOne);
    if (hangsUp) peer.end();
    await turn();
    expect(peer.take()).toEqual([...answers, ...expected(reaction)]);
    expect(peer.client.state.status).toBe(Array.isArray(reaction) ? 'connected' : 'ended');
    expect(peer.delivered).toEqual(delivers);
    await peer.client.end({ force: true });
  });
});

describe('a connection that ends over malformed bytes', () => {
  it('is followed by the next one, which works', async () => {
    const peer = new ScriptedPeer(5, { reconnect: { minDelay: 0, jitter: 'none' } });
    await bring(peer, 5, 'connected');
    peer.write('30 00');
    for (let turns = 0; peer.connections < 2 && turns < 1000; turns++) await turn();
    expect(peer.connections).toBe(2);
    peer.write(ACCEPTED[5]);
    peer.write('30 04 0001 74 00');
    expect(peer.delivered).toEqual(['t=']);
    await peer.client.end();
  });

  it('[v5 row 40] [v4 row 40] keeps the connection and forgets its state when the broker has none', async () => {
    for (const version of [4, 5] as const) {
      const options = { clean: false, sessionExpiry: 60, reconnect: { minDelay: 0, jitter: 'none' } } as const;
      const peer = new ScriptedPeer(version, { ...options, onSessionLost: 'fail' });
      await bring(peer, version, 'published2');
      peer.write(version === 5 ? '34 06 0001 74 0009 00' : '34 05 0001 74 0009');
      peer.fail();
      for (let turns = 0; peer.connections < 2 && turns < 1000; turns++) await turn();
      peer.take();
      peer.write(ACCEPTED[version]);
      await turn();
      expect(peer.take()).toEqual([]);
      // The identifier of the old QoS 2 exchange is a new message now.
      peer.write(version === 5 ? '34 06 0001 74 0009 00' : '34 05 0001 74 0009');
      expect(peer.take()).toEqual(['50020009']);
      expect(peer.delivered).toHaveLength(2);
      await peer.client.end({ force: true });
    }
  });

  it('[v5 row 64] lets the application refuse a message, and stays', async () => {
    const peer = new ScriptedPeer(5);
    peer.client.subscribe('t', { qos: 2, ack: 'manual' }).subscribe((message) => message.ack(0x97));
    await bring(peer, 5, 'connected');
    peer.take();
    peer.write('32 06 0001 74 0007 00 34 06 0001 74 0008 00');
    expect(peer.take()).toEqual(['4003000797', '5003000897']);
    await peer.client.end({ force: true });
  });

  it('[v4 row 64] acknowledges it as usual on 3.1.1, which has no codes', async () => {
    const peer = new ScriptedPeer(4);
    peer.client.subscribe('t', { qos: 2, ack: 'manual' }).subscribe((message) => message.ack(0x97));
    await bring(peer, 4, 'connected');
    peer.take();
    peer.write('32 05 0001 74 0007');
    expect(peer.take()).toEqual(['40020007']);
    await peer.client.end({ force: true });
  });

  it('[v5 row 59] [v4 row 59] delivers and acknowledges a message above the granted QoS', async () => {
    for (const version of [4, 5] as const) {
      const peer = new ScriptedPeer(version);
      await bring(peer, version, 'subscribing');
      peer.write(version === 5 ? '90 04 0001 00 00' : '90 03 0001 00');
      peer.take();
      peer.write(version === 5 ? '32 06 0001 61 0007 00' : '32 05 0001 61 0007');
      expect(peer.take()).toEqual(['40020007']);
      expect(peer.delivered).toEqual(['a=']);
      await peer.client.end({ force: true });
    }
  });

  it.each([4, 5] as const)(
    '[v%d row 71] [v%d row 71] takes PUBREL before our PUBREC for a protocol error',
    async (version) => {
      const peer = new ScriptedPeer(version);
      peer.client.subscribe('t', { qos: 2, ack: 'manual' }).subscribe(quiet);
      await bring(peer, version, 'connected');
      peer.take();
      peer.write(version === 5 ? '34 06 0001 74 0007 00' : '34 05 0001 74 0007');
      peer.write('62 02 0007');
      await turn();
      expect(peer.take()).toEqual(version === 5 ? ['e0028200', 'closed'] : ['closed']);
      await peer.client.end({ force: true });
    },
  );
});
