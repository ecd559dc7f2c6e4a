import { once } from 'node:events';
import { connect } from 'node:net';
import { config, firstValueFrom, Subscription } from 'rxjs';
import { listen } from '../../src/transport/listener.js';
import { SERVER_WRITES } from '../../src/transport/server-writes.js';
import { opened } from './lines.js';

let keep: Subscription;
beforeEach(() => (keep = new Subscription()));
afterEach(() => keep.unsubscribe());

test('a server writes once a turn of the event loop, whatever number of microtasks commit', async () => {
  const { address, connections$ } = await opened(listen('tcp://127.0.0.1:0'), keep);
  const accepted = firstValueFrom(connections$);
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(address).port) });
  keep.add(() => socket.destroy());
  const connection = await accepted;
  const { out } = connection;
  await new Promise(setImmediate);
  for (const byte of [1, 2, 3]) {
    out.append(Uint8Array.of(byte));
    connection.commit();
    await Promise.resolve();
  }
  expect(out.length).toBe(3);
  await new Promise(setImmediate);
  expect(out.length).toBe(0);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect([...chunk]).toEqual([1, 2, 3]);
});

test('a stream that throws keeps no other from being written, and its error is reported', async () => {
  const broken = new Error('this stream is broken');
  const reported = new Promise((resolve) => (config.onUnhandledError = resolve));
  keep.add(() => (config.onUnhandledError = null));
  const written: string[] = [];
  const fails = (): never => {
    throw broken;
  };
  SERVER_WRITES.schedule?.({ flushCommitted: fails });
  SERVER_WRITES.schedule?.({ flushCommitted: () => written.push('behind it') });
  expect(await reported).toBe(broken);
  expect(written).toEqual(['behind it']);
});
