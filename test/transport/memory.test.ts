import { TestScheduler } from 'rxjs/testing';
import { ConnectError } from '../../src/errors.js';
import { memory, memoryPair } from '../../src/transport/memory.js';
import type { MemoryPeer } from '../../src/transport/memory.js';
import type { Connection } from '../../src/transport/transport.js';

const target = { url: 'mqtt://user:secret@broker', subprotocol: 'mqtt' };
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function write(connection: Connection, chunk: Uint8Array): void {
  connection.out.append(chunk);
  connection.commit();
}

function dial(): { client: Connection; peer: MemoryPeer; hangUp: () => void } {
  const { transport, connections$ } = memory();
  const peers: MemoryPeer[] = [];
  const clients: Connection[] = [];
  connections$.subscribe((peer) => peers.push(peer));
  const subscription = transport(target).subscribe((client) => clients.push(client));
  const [client] = clients;
  const [peer] = peers;
  if (client === undefined || peer === undefined) throw new Error('the dial did not open at once');
  return { client, peer, hangUp: () => subscription.unsubscribe() };
}

describe('memory transport', () => {
  test('a commit is delivered before it returns, as one chunk', () => {
    const { client, peer } = dial();
    const seen: number[][] = [];
    peer.incoming$.subscribe((chunk) => seen.push([...chunk]));
    client.out.append(bytes(1, 2));
    client.out.append(bytes(3));
    client.commit();
    expect(seen).toEqual([[1, 2, 3]]);
  });

  test('a payload sent by reference is in the same chunk as its header', () => {
    const { client, peer } = dial();
    const sizes: number[] = [];
    peer.incoming$.subscribe((chunk) => sizes.push(chunk.length));
    client.out.append(bytes(1));
    client.out.append(new Uint8Array(100_000));
    client.commit();
    expect(sizes).toEqual([100_001]);
  });

  test('each commit is one chunk', () => {
    const { client, peer } = dial();
    const seen: number[][] = [];
    peer.incoming$.subscribe((chunk) => seen.push([...chunk]));
    write(client, bytes(1));
    write(client, bytes(2));
    expect(seen).toEqual([[1], [2]]);
  });

  test('data that the peer writes before the client subscribes waits', () => {
    const { client, peer } = dial();
    peer.write(bytes(1));
    peer.write(bytes(2));
    peer.end();
    const seen: unknown[] = [];
    client.incoming$.subscribe({ next: (chunk) => seen.push(...chunk), complete: () => seen.push('complete') });
    expect(seen).toEqual([1, 2, 'complete']);
  });

  test('two sides that answer each other from inside their handlers keep the order', () => {
    const [a, b] = memoryPair();
    const seenByA: number[] = [];
    const seenByB: number[] = [];
    b.incoming$.subscribe((chunk) => {
      const value = chunk[0] ?? 0;
      write(b, bytes(value + 100));
      write(b, bytes(value + 200));
      seenByB.push(value);
    });
    a.incoming$.subscribe((chunk) => {
      const value = chunk[0] ?? 0;
      seenByA.push(value);
      if (value < 103 && value > 100) write(a, bytes(value - 99));
    });
    write(a, bytes(1));
    expect(seenByB).toEqual([1, 2, 3]);
    expect(seenByA).toEqual([101, 201, 102, 202, 103, 203]);
  });

  test('end() completes both sides after earlier data', () => {
    const { client, peer } = dial();
    const seen: unknown[] = [];
    client.incoming$.subscribe({ complete: () => seen.push('client') });
    peer.incoming$.subscribe({ next: (chunk) => seen.push(chunk[0]), complete: () => seen.push('peer') });
    client.out.append(bytes(7));
    client.end();
    expect(seen).toEqual([7, 'peer', 'client']);
    expect(peer.closed).toBe(true);
  });

  test('a broken line errors at the client after earlier data', () => {
    const { client, peer } = dial();
    const seen: unknown[] = [];
    client.pause();
    client.incoming$.subscribe({ next: (chunk) => seen.push(chunk[0]), error: (error) => seen.push(error) });
    peer.write(bytes(1));
    peer.fail(new Error('cable'));
    expect(seen).toEqual([]);
    client.resume();
    expect(seen[0]).toBe(1);
    expect(seen[1]).toBeInstanceOf(ConnectError);
    expect(String(seen[1])).toContain('mqtt://broker:1883');
    expect(String(seen[1])).not.toContain('secret');
  });

  test('unsubscribing from the transport closes the connection', () => {
    const { peer, hangUp } = dial();
    let completed = false;
    peer.incoming$.subscribe({ complete: () => (completed = true) });
    hangUp();
    expect([completed, peer.closed]).toEqual([true, true]);
  });

  test('commits after the end are dropped', () => {
    const { client, peer, hangUp } = dial();
    let chunks = 0;
    peer.incoming$.subscribe(() => chunks++);
    hangUp();
    write(client, bytes(1));
    expect(chunks).toBe(0);
    expect(client.out.length).toBe(0);
  });

  test('a second observer of the bytes is refused until the first has left', () => {
    const { client, peer } = dial();
    const first = client.incoming$.subscribe();
    let refused: unknown;
    client.incoming$.subscribe({ error: (error) => (refused = error) });
    expect(refused).toBeInstanceOf(ConnectError);
    first.unsubscribe();
    peer.write(bytes(5));
    const seen: number[] = [];
    client.incoming$.subscribe((chunk) => seen.push(...chunk));
    expect(seen).toEqual([5]);
  });

  test('the peer controls congestion, and drained$ emits once at its end', () => {
    const { client, peer } = dial();
    let drained = 0;
    client.drained$.subscribe(() => drained++);
    peer.setCongested(true);
    expect(client.congested).toBe(true);
    peer.setCongested(false);
    peer.setCongested(false);
    expect([client.congested, drained]).toEqual([false, 1]);
  });

  test('a dial can be refused by its number', () => {
    const { transport, connections$ } = memory({ refuse: (attempt) => attempt === 1 });
    let peers = 0;
    connections$.subscribe(() => peers++);
    const seen: unknown[] = [];
    const observer = { next: () => seen.push('open'), error: (error: unknown) => seen.push(error) };
    transport(target).subscribe(observer);
    transport(target).subscribe(observer);
    expect(String(seen[0])).toContain('connecting to mqtt://broker:1883 failed: connection refused');
    expect([seen[1], peers]).toEqual(['open', 1]);
  });

  test('a dial takes virtual time, and unsubscribing cancels it', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ expectObservable }) => {
      const { transport, connections$ } = memory({ delay: 30 });
      expectObservable(connections$).toBe('30ms p', { p: expect.objectContaining({ url: target.url }) });
      expectObservable(transport(target)).toBe('30ms c', { c: expect.anything() });
      expectObservable(transport(target), '10ms !').toBe('');
    });
  });

  test('lastSent and lastReceived are stamped with the time that passes in the scheduler', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, flush }) => {
      const { client, peer } = dial();
      const { lastSent: opened } = client;
      client.incoming$.subscribe();
      cold('20ms w 20ms r').subscribe((mark) => (mark === 'w' ? write(client, bytes(1)) : peer.write(bytes(2))));
      flush();
      expect([client.lastSent - opened, client.lastReceived - opened]).toEqual([20, 41]);
    });
  });
});
