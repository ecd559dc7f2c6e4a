import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { firstValueFrom, map, Subscription } from 'rxjs';
import type { Observable } from 'rxjs';
import type { DuplexLike } from '../../src/transport/duplex.js';
import { fromDuplex } from '../../src/transport/from-duplex.js';
import { listen } from '../../src/transport/listener.js';
import type { ListenOptions } from '../../src/transport/listen-options.js';
import { memory } from '../../src/transport/memory.js';
import { nodeTransport } from '../../src/transport/node-transport.js';
import type { Connection, ConnectTarget, Transport } from '../../src/transport/transport.js';
import type { Certificates } from '../support/certificates.js';
import { startRelay } from '../support/relay.js';

/** A connection with both of its ends. */
export interface Line {
  readonly client: Connection;
  readonly server: Connection;
  /** Breaks it in the middle. */
  readonly cut: () => void;
  /** Unsubscribes from the transport, at the client's side. */
  readonly hangUp: () => void;
  /** Closes all that belongs to it. */
  readonly close: () => void;
}

/** A way to make lines. */
export interface LineKind {
  readonly name: string;
  readonly open: (options?: Pick<ConnectTarget, 'socket'>) => Promise<Line>;
}

/** The first value of an Observable whose subscription is kept. */
export function opened<T>(source: Observable<T>, keep: Subscription): Promise<T> {
  return new Promise((resolve, reject) => keep.add(source.subscribe({ next: resolve, error: reject })));
}

async function connectEnds(
  keep: Subscription,
  transport: Transport,
  target: ConnectTarget,
  accepted$: Observable<Connection>,
  cut: () => void,
): Promise<Line> {
  const dial = new Subscription();
  keep.add(dial);
  const [server, client] = await Promise.all([firstValueFrom(accepted$), opened(transport(target), dial)]);
  return { client, server, cut, hangUp: () => dial.unsubscribe(), close: () => keep.unsubscribe() };
}

function networkKind(name: string, url: string, certificates?: () => Certificates): LineKind {
  return {
    name,
    open: async (options = {}) => {
      const keep = new Subscription();
      const made = certificates?.();
      const listening: ListenOptions =
        made === undefined ? {} : { tls: { cert: made.server.cert, key: made.server.key } };
      const { address, connections$ } = await opened(listen(url, listening), keep);
      const relay = await startRelay(Number(new URL(address).port));
      keep.add(() => relay.close());
      const dialled = new URL(address);
      dialled.port = String(relay.port);
      const tls = made === undefined ? undefined : { ca: made.ca.cert };
      const target = { url: dialled.href, subprotocol: 'mqtt', tls, ...options };
      return connectEnds(keep, nodeTransport, target, connections$, () => relay.cut());
    },
  };
}

const unixKind: LineKind = {
  name: 'unix',
  open: async (options = {}) => {
    const keep = new Subscription();
    const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-unix-'));
    keep.add(() => rmSync(folder, { recursive: true, force: true }));
    const { address, connections$ } = await opened(listen(`unix:${join(folder, 'broker.sock')}`), keep);
    const target = { url: address, subprotocol: 'mqtt', ...options };
    // A Unix socket knows no reset; what comes nearest is a peer that is gone.
    return connectEnds(keep, nodeTransport, target, connections$, () => keep.unsubscribe());
  },
};

/** Over a stream that is no socket, and knows nothing of addresses: it hands on to one what it is given. */
class Tunnel extends Duplex {
  constructor(private readonly socket: Socket) {
    super();
    socket.on('data', (chunk) => this.push(chunk) || socket.pause());
    socket.on('end', () => this.push(null));
    socket.on('error', (cause) => this.destroy(cause));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}

function duplexKind(name: string, open: (port: number) => DuplexLike | Promise<DuplexLike>): LineKind {
  return {
    name,
    open: async (options = {}) => {
      const keep = new Subscription();
      const { address, connections$ } = await opened(listen('mqtt://127.0.0.1:0'), keep);
      const relay = await startRelay(Number(new URL(address).port));
      keep.add(() => relay.close());
      const transport = fromDuplex(() => open(relay.port));
      const target = { url: `mqtt://127.0.0.1:${relay.port}`, subprotocol: 'mqtt', ...options };
      return connectEnds(keep, transport, target, connections$, () => relay.cut());
    },
  };
}

const memoryKind: LineKind = {
  name: 'memory',
  open: () => {
    const { transport, connections$ } = memory();
    let cut = (): void => undefined;
    const accepted$ = connections$.pipe(
      map((peer) => {
        cut = () => peer.fail(new Error('cut'));
        return peer.connection;
      }),
    );
    return connectEnds(new Subscription(), transport, { url: 'mqtt://memory', subprotocol: 'mqtt' }, accepted$, () =>
      cut(),
    );
  },
};

export function lineKinds(certificates: () => Certificates): readonly LineKind[] {
  return [
    networkKind('tcp', 'mqtt://127.0.0.1:0'),
    networkKind('tls', 'mqtts://127.0.0.1:0', certificates),
    unixKind,
    networkKind('ws', 'ws://127.0.0.1:0/mqtt'),
    networkKind('wss', 'wss://localhost:0/mqtt', certificates),
    duplexKind('a Duplex that is a socket', (port) => connect({ host: '127.0.0.1', port })),
    duplexKind('a Duplex', (port) => Promise.resolve(new Tunnel(connect({ host: '127.0.0.1', port })))),
    memoryKind,
  ];
}
