import { Socket } from 'node:net';
import { lastValueFrom } from 'rxjs';
import { BY_REFERENCE_FROM } from '../../src/packet/write-buffer.js';
import { overTcp, overWebSocket } from './peer.js';

type Handover = (this: Socket, ...rest: unknown[]) => void;

/** What the client hands to its socket: one list of chunks for each write, gathered or not. */
function watchWrites(port: number): { readonly writes: Uint8Array[][]; stop(): void } {
  const writes: Uint8Array[][] = [];
  const watch = (name: '_write' | '_writev', chunksOf: (first: unknown) => Uint8Array[]): jest.SpyInstance => {
    const original = Object.getOwnPropertyDescriptor(Socket.prototype, name)?.value as Handover;
    return jest.spyOn(Socket.prototype, name as never).mockImplementation(function (this: Socket, ...rest: unknown[]) {
      if (this.remotePort === port) writes.push(chunksOf(rest[0]));
      original.apply(this, rest);
    } as never);
  };
  const spies = [
    watch('_write', (chunk) => [chunk as Uint8Array]),
    watch('_writev', (parts) => (parts as { chunk: Uint8Array }[]).map(({ chunk }) => chunk)),
  ];
  return { writes, stop: () => spies.forEach((spy) => spy.mockRestore()) };
}

describe('the writes of a tick', () => {
  it('are one write of the socket, however many packets were published', async () => {
    const { client, peer, port, close } = await overTcp();
    const watched = watchWrites(port);
    for (let index = 0; index < 100; index++) client.publish('hall/7', 'warm').subscribe();
    await lastValueFrom(client.publish('hall/7', 'last', { qos: 1 }));
    watched.stop();
    expect(watched.writes).toHaveLength(1);
    expect(peer.packets.filter(({ cmd }) => cmd === 'publish')).toHaveLength(101);
    await close();
  });

  it('are one binary frame of a WebSocket', async () => {
    const { client, peer, close } = await overWebSocket();
    const before = peer.messages.length;
    for (let index = 0; index < 100; index++) client.publish('hall/7', 'warm').subscribe();
    await lastValueFrom(client.publish('hall/7', 'last', { qos: 1 }));
    expect(peer.messages.length - before).toBe(1);
    expect(peer.packets.filter(({ cmd }) => cmd === 'publish')).toHaveLength(101);
    await close();
  });

  it('acknowledge all messages of a chunk together', async () => {
    const { client, peer, port, close } = await overTcp();
    const seen: string[] = [];
    client.subscribe('hall/+', { qos: 1 }).subscribe(({ topic }) => seen.push(topic));
    await lastValueFrom(client.publish('ready', '', { qos: 1 }));
    const watched = watchWrites(port);
    const { PublishPacket } = await import('../../src/packet/publish-packet.js');
    peer.send(
      Array.from({ length: 50 }, (_, index) => {
        return new PublishPacket('hall/7', new Uint8Array(8), 1, false, false, index + 1, undefined);
      }),
    );
    await lastValueFrom(client.publish('done', '', { qos: 1 }));
    while (seen.length < 50) await new Promise(setImmediate);
    await lastValueFrom(client.publish('done', '', { qos: 1 }));
    watched.stop();
    expect(peer.packets.filter(({ cmd }) => cmd === 'puback')).toHaveLength(50);
    // One for each of the two publishes, one for the acknowledgements, unless these left with one of the publishes.
    expect(watched.writes.length).toBeLessThanOrEqual(3);
    await close();
  });

  it('hand a large payload to the socket as it is, gathered with what surrounds it', async () => {
    const { client, peer, port, close } = await overTcp();
    const payload = new Uint8Array(16_384).fill(7);
    expect(payload.length).toBeGreaterThanOrEqual(BY_REFERENCE_FROM);
    const watched = watchWrites(port);
    client.publish('hall/7', payload).subscribe();
    await lastValueFrom(client.publish('hall/7', 'last', { qos: 1 }));
    watched.stop();
    expect(watched.writes).toHaveLength(1);
    // Header, payload, and the packet behind them.
    const [chunks] = watched.writes;
    expect(chunks).toHaveLength(3);
    expect(chunks?.[1]?.buffer).toBe(payload.buffer);
    expect(peer.packets.filter(({ cmd }) => cmd === 'publish')).toHaveLength(2);
    await close();
  });
});
