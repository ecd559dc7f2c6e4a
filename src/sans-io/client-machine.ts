import { type Observable, Subject } from 'rxjs';
import { connect, memory, type ClientOptions, type MemoryPeer, type MqttClient } from 'rxmqtt';
import { concatChunks, isBytes } from '../bytes.js';
import { isRecord, wrong } from '../options/check-options.js';

/** How many bytes may wait to be taken before the client pauses: as many as a socket would hold. */
const HIGH_WATER_MARK = 512 * 1024;

/** The options of a client, without those that choose the connection. */
export type ClientMachineOptions = Omit<
  ClientOptions,
  'url' | 'servers' | 'startWith' | 'transport' | 'proxy' | 'lazy'
>;

const EXCLUDED = ['url', 'servers', 'startWith', 'transport', 'proxy', 'lazy'] as const;

/** A client without input and output: you feed bytes to it and take bytes from it. */
export interface ClientMachine extends Pick<MqttClient, 'state' | 'publish' | 'subscribe' | 'unsubscribe' | 'end'> {
  /** The client itself, with everything else. */
  readonly client: MqttClient;
  /** Emits when there are bytes to take; SUBSCRIBE is gathered for a tick. Completes with the client. */
  readonly output$: Observable<void>;
  /** The bytes to send, in order; empty when there are none. */
  take(): Uint8Array;
  /** Bytes arrived, in chunks of any size. */
  feed(bytes: Uint8Array): void;
  /**
   * The connection was closed, or failed with `cause`. With `reconnect`, CONNECT for the next one is there to take
   * later.
   */
  closed(cause?: unknown): void;
}

/**
 * Makes a client without input and output. CONNECT is there to take at once. `reconnect` is `false` unless it is given.
 *
 * @example
 * ```ts
 * const machine = clientMachine({ clientId: 'hall-7' });
 * machine.output$.subscribe(() => line.write(machine.take()));
 * line.write(machine.take());
 * line.on('data', (bytes) => machine.feed(bytes));
 * ```
 */
export function clientMachine(options: ClientMachineOptions = {}): ClientMachine {
  if (!isRecord(options)) throw wrong(options, 'options', 'clientMachine', 'an object');
  const own = EXCLUDED.find((name) => name in options);
  if (own !== undefined) throw new TypeError(`clientMachine: ${own} has no effect; the bytes are yours to send`);
  const { transport, connections$ } = memory();
  const output = new Subject<void>();
  let chunks: Uint8Array[] = [];
  let size = 0;
  let line: MemoryPeer | undefined;
  connections$.subscribe((peer) => {
    line = peer;
    chunks = [];
    size = 0;
    peer.incoming$.subscribe((bytes) => {
      chunks.push(bytes);
      size += bytes.length;
      if (size > HIGH_WATER_MARK) peer.setCongested(true);
      output.next();
    });
  });
  const client = connect({ reconnect: false, ...options, url: 'mqtt://sans-io', transport });
  client.state$.subscribe({ complete: () => output.complete() });
  // At once; a client with a network waits for the next tick.
  client.reconnect().subscribe({ error: () => undefined });
  return {
    client,
    output$: output.asObservable(),
    get state() {
      return client.state;
    },
    take() {
      const bytes = concatChunks(chunks);
      chunks = [];
      size = 0;
      line?.setCongested(false);
      return bytes;
    },
    feed(bytes) {
      if (!isBytes(bytes)) throw wrong(bytes, 'bytes', 'feed', 'a Uint8Array');
      line?.write(bytes);
    },
    closed: (cause) => (cause === undefined ? line?.end() : line?.fail(cause)),
    publish: (topic, payload, how) => client.publish(topic, payload, how),
    subscribe: (filters, how) => client.subscribe(filters, how),
    unsubscribe: (filter, how) => client.unsubscribe(filter, how),
    end: (how) => client.end(how),
  };
}
