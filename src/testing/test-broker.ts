import type { Broker, BrokerOptions } from '../broker/index.js';
import type { MqttMessage } from '../client/mqtt-message.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { elapsed } from '../rx/clock.js';
import { listen } from '../transport/listener.js';
import { type Backend, EmbeddedBroker } from './embedded-broker.js';
import { Lines } from './lines.js';
import type { ScriptedBroker } from './scripted-broker.js';
import type { TestLine } from './test-line.js';
import { row } from './wire-log.js';

/** A broker whose connections a test can disturb. */
export interface TestBroker extends Broker {
  /** The line of a client by its identifier, over all of its connections. */
  line(clientId: string): TestLine;
  /** The transcript of a client's wire so far. */
  wire(clientId: string): readonly string[];
  /** The messages of clients that the broker has accepted, wills included, oldest first. */
  readonly published: readonly MqttMessage[];
  /** The retained messages by topic. */
  readonly retained: ReadonlyMap<string, MqttMessage>;
}

/** A broker with an address, for tests in real time. */
export interface RunningTestBroker extends TestBroker {
  /** Where it listens: `mqtt://127.0.0.1:43211`. */
  readonly url: string;
}

/** The broker as a test sees it. */
export function asTestBroker(broker: Broker, backend: Backend, lines: Lines): TestBroker {
  return {
    ...broker,
    transport: lines.transport(),
    line: (clientId) => lines.ask(clientId),
    wire: (clientId) => lines.line(clientId).log.events.map(row),
    get published() {
      return backend.accepted.filter(({ clientId }) => clientId !== undefined).map(({ message }) => message);
    },
    retained: backend.retained,
  };
}

/** The scripted broker as a test sees it. Its methods act on the connections of its script. */
export function asScriptedTestBroker(broker: Broker, scripted: ScriptedBroker, lines: Lines): TestBroker {
  const own: Pick<Broker, 'publish' | 'disconnectClient' | 'dropConnections'> = {
    publish: (message) => scripted.publish(message),
    disconnectClient: (clientId, reasonCode = ReasonCode.ADMINISTRATIVE_ACTION) =>
      scripted.disconnect(clientId, (peer) => peer.disconnect(reasonCode)),
    dropConnections: (clientId) => void scripted.disconnect(clientId, (peer) => peer.cut()),
  };
  return Object.assign(asTestBroker(broker, scripted, lines), own);
}

/** Whole ms of real time since now. */
function stopwatch(): () => number {
  const start = elapsed();
  return () => Math.round(elapsed() - start);
}

/** A broker inside the process, in real time, without a port: its clients dial `broker.transport`. */
export function inProcessBroker(options: BrokerOptions = {}): TestBroker {
  const now = stopwatch();
  const backend = new EmbeddedBroker(options, now);
  const lines = new Lines(backend, 0, now);
  const close = async (): Promise<void> => {
    lines.end();
    await backend.close();
  };
  return asTestBroker({ ...backend.broker, close, [Symbol.asyncDispose]: close }, backend, lines);
}

/**
 * A broker in real time at a free port of the loopback interface, for integration tests. A test can disturb its
 * connections, too. The promise settles when the port is bound.
 *
 * @example
 * ```ts
 * await using broker = await testBroker();
 * await using client = connect(broker.url, { clientId: 'shop' });
 * broker.line('shop').drop('< puback');
 * ```
 */
export function testBroker(options: BrokerOptions & { readonly latency?: number } = {}): Promise<RunningTestBroker> {
  const { latency = 0, ...brokerOptions } = options;
  const now = stopwatch();
  const backend = new EmbeddedBroker(brokerOptions, now);
  const lines = new Lines(backend, latency, now);
  return new Promise((resolve, reject) => {
    const serving = listen('tcp://127.0.0.1:0').subscribe({
      error: reject,
      next({ address, connections$ }) {
        connections$.subscribe((connection) => lines.accept(connection));
        const close = async (): Promise<void> => {
          await backend.close();
          lines.end();
          serving.unsubscribe();
        };
        const broker = asTestBroker({ ...backend.broker, close, [Symbol.asyncDispose]: close }, backend, lines);
        resolve(Object.assign(broker, { url: address.replace('tcp:', 'mqtt:') }));
      },
    });
  });
}
