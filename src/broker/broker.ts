import {
  concat,
  defer,
  firstValueFrom,
  from,
  ignoreElements,
  map,
  merge,
  Observable,
  shareReplay,
  startWith,
  Subscription,
  take,
  tap,
  timer,
} from 'rxjs';
import { ClosedError, type MqttError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { duplexConnection, type DuplexLike, isDuplex } from '../transport/duplex.js';
import { SERVER_BLOCK_SIZE } from '../transport/listen-options.js';
import { memoryPair } from '../transport/memory.js';
import type { AcceptedConnection, Connection, Transport } from '../transport/transport.js';
import { displayUrl } from '../transport/url.js';
import { BrokerCore, type DisconnectedEvent, type PublishedEvent, type SubscribedEvent } from './broker-core.js';
import { checkOptions, type BrokerOptions } from './broker-options.js';
import type { ConnectedClient } from './client.js';
import type { BrokerCounters } from './counters.js';
import { Listeners } from './listeners.js';
import { asPacket, type BrokerMessage } from './publishing.js';
import { restore } from './restore.js';
import { sysTopics } from './sys-topics.js';

/** ms that clients may take to close after the broker's goodbye. */
const CLOSE_TIMEOUT = 2500;

/** What is known of a connection that {@link Broker.serve} is given. */
export interface ServeInfo {
  /** What the hooks are told as the listener that it came in by. Default `'served'`. */
  readonly listener?: string;
}

/** A running broker. */
export interface Broker {
  /**
   * The addresses that were bound, in the order of the listeners: `tcp://127.0.0.1:43211`. Rejects with `ConnectError`
   * when one of them cannot be; none is bound then. With a store it settles after the store was loaded, and rejects
   * with an `MqttError` of the code `STORE` when it cannot be.
   */
  readonly listening: Promise<readonly string[]>;
  /** The same as an Observable: one value, then completion. */
  readonly listening$: Observable<readonly string[]>;
  /** The connected clients by client identifier: now, and after each change. */
  readonly clients$: Observable<ReadonlyMap<string, ConnectedClient>>;
  /** Each client after its CONNACK; hot. This and the others complete with `close()`. */
  readonly connected$: Observable<ConnectedClient>;
  /** Each client after the end of its connection; hot. */
  readonly disconnected$: Observable<DisconnectedEvent>;
  /** Each message that was accepted, before its subscribers get it; hot, and synchronous. */
  readonly published$: Observable<PublishedEvent>;
  /** Each filter of each SUBSCRIBE, with what was answered; hot. */
  readonly subscribed$: Observable<SubscribedEvent>;
  /**
   * What is wrong with the store, as `MqttError` of the code `STORE`; hot. A damaged record was set aside, and the
   * broker goes on without it. A store that cannot be written ends the broker, because what it cannot keep it must not
   * acknowledge.
   */
  readonly faults$: Observable<MqttError>;
  /** What was counted so far; a live view. */
  readonly counters: Readonly<BrokerCounters>;
  /**
   * Serves a connection that something else has accepted: a `Connection`, or a Node stream. Unsubscribing cuts it. With a
   * store, it is served once that was loaded.
   */
  serve(connection: AcceptedConnection | DuplexLike, info?: ServeInfo): Subscription;
  /** Dials this broker inside the process, whatever the URL: `connect({ url: 'mqtt://here', transport: broker.transport })`. */
  readonly transport: Transport;
  /**
   * Publishes from the process of the broker, at once and without asking the authorizers; with a store, once that was
   * loaded.
   * @throws PublishError when the message could not be sent to any client, ClosedError after `close()`.
   */
  publish(message: BrokerMessage): void;
  /**
   * Ends the connection of a client; on MQTT 5 with DISCONNECT and the reason code, 0x98 when left out.
   * @returns whether it was connected.
   */
  disconnectClient(clientId: string, reasonCode?: number): boolean;
  /** Cuts the socket of a client, or of all, without a word, as a network that breaks down does. */
  dropConnections(clientId?: string): void;
  /**
   * Says goodbye to all clients (0x8B on MQTT 5), publishes no wills, and closes the listeners. Settles when all
   * sockets are closed, and cuts those that stay open for longer than 2.5 s. The same promise each time.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a broker in this process and returns at once; {@link Broker.listening} tells when it can be reached.
 *
 * @throws TypeError for an option that does not exist, MqttError for a limit that is not a number.
 */
export function createBroker(options: BrokerOptions = {}): Broker {
  checkOptions(options);
  const core = new BrokerCore(options);
  const listeners = new Listeners(options, core);
  const work = new Subscription();
  const early = new EarlyMessages(core);
  const { storage } = core;
  const loaded$ = defer(() => (storage === undefined ? [] : restore(core, storage))).pipe(
    ignoreElements(),
    tap({ complete: () => early.release() }),
  );
  const addresses$ = concat(loaded$, listeners.addresses$).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  work.add(addresses$.subscribe({ error: () => work.unsubscribe() }));
  const listening = firstValueFrom(addresses$);
  const serve = (connection: AcceptedConnection, { listener = 'served' }: ServeInfo = {}): Subscription => {
    const serving = new Subscription(() => work.remove(serving));
    serving.add(
      addresses$.pipe(take(1)).subscribe(() => {
        const served = listeners.serve(connection, listener);
        serving.add(served);
        served.add(() => serving.unsubscribe());
      }),
    );
    work.add(serving);
    return serving;
  };
  if (options.sysInterval !== 0) work.add(publishSysTopics(core, options.sysInterval ?? 10));

  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => (ending ??= end(core, listeners, work));
  work.add(core.storeFailed.subscribe(() => void close()));
  return {
    listening,
    listening$: from(listening),
    clients$: defer(() =>
      merge(core.connected, core.disconnected).pipe(
        startWith(undefined),
        map(() => new Map(core.clients)),
      ),
    ),
    connected$: core.connected.asObservable(),
    disconnected$: core.disconnected.asObservable(),
    published$: core.published.asObservable(),
    subscribed$: core.subscribed.asObservable(),
    faults$: core.faults.asObservable(),
    counters: core.counters,
    serve: (connection, info) => {
      const where = info?.listener ?? 'served';
      return serve(isDuplex(connection) ? duplexConnection(connection, where, SERVER_BLOCK_SIZE) : connection, info);
    },
    transport: ({ url }) =>
      new Observable<Connection>((subscriber) => {
        const [client, server] = memoryPair(displayUrl(url));
        subscriber.add(() => client.destroy());
        serve(server, { listener: 'transport' });
        subscriber.next(client);
      }),
    publish(message) {
      if (core.closing) throw new ClosedError(`publish to "${message.topic}" failed: the broker is closed`);
      early.publish(asPacket(message));
    },
    disconnectClient(clientId, reasonCode = ReasonCode.ADMINISTRATIVE_ACTION) {
      const client = core.clients.get(clientId);
      client?.depart(reasonCode);
      return client !== undefined;
    },
    dropConnections(clientId) {
      for (const client of [...core.clients.values()]) {
        if (clientId === undefined || client.clientId === clientId) client.port.connection.destroy();
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What the process publishes before the store was loaded waits for that: its receivers are not there yet. */
class EarlyMessages {
  private waiting: PublishPacket[] | undefined = [];

  constructor(private readonly core: BrokerCore) {}

  publish(message: PublishPacket): void {
    if (this.waiting === undefined) this.core.publish(message, undefined);
    else this.waiting.push(message);
  }

  release(): void {
    const { waiting = [] } = this;
    this.waiting = undefined;
    for (const message of waiting) this.core.publish(message, undefined);
  }
}

function publishSysTopics(core: BrokerCore, interval: number): Subscription {
  const source = {
    counters: core.counters,
    connectedClients: () => core.clients.size,
    sessions: () => core.sessions.size,
    subscriptions: () => core.subscriptions.size,
    retained: () => core.retained.size,
  };
  return sysTopics(source, interval).subscribe((message) => {
    core.retained.keep(message);
    core.dispatcher.publish(message, undefined);
  });
}

async function end(core: BrokerCore, listeners: Listeners, work: Subscription): Promise<void> {
  core.closing = true;
  listeners.stopAccepting();
  for (const client of [...core.clients.values()]) {
    client.will = undefined;
    client.depart(ReasonCode.SERVER_SHUTTING_DOWN);
  }
  if (listeners.size > 0) {
    await firstValueFrom(merge(listeners.empty$, timer(CLOSE_TIMEOUT)).pipe(take(1)));
  }
  work.unsubscribe();
  core.backpressure.close();
  core.sessions.close();
  await core.storage?.flush();
  core.connected.complete();
  core.disconnected.complete();
  core.published.complete();
  core.subscribed.complete();
  core.faults.complete();
}
