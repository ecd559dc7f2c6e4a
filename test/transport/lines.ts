import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, map, Subscription } from 'rxjs';
import type { Observable } from 'rxjs';
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
    memoryKind,
  ];
}
