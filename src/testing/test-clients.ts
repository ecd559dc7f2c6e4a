import type { Subscription } from 'rxjs';
import type { ConnectionState } from '../connection/connection-state.js';
import type { ClientOptions } from '../client/client-options.js';
import type { MqttClient } from '../client/mqtt-client.js';
import { connect } from '../index.js';
import type { WireLog } from './wire-log.js';

/** The options of `t.connect`. The transport has a default, too. */
export type TestClientOptions = ClientOptions;

/** A client of a test, with the record of its packets and states. */
export interface TestClient {
  readonly client: MqttClient;
  readonly clientId: string;
  readonly log: WireLog;
  /** Every transition of the state, without the initial state. */
  readonly states: readonly { readonly at: number; readonly state: ConnectionState }[];
}

/** The key under which matchers find the wire log of a client. */
export const WIRE = Symbol.for('rxmqtt.testing.wire');

/** Adds the defaults of a client in a test, which make it deterministic. */
export function withTestDefaults(options: TestClientOptions, number: number, random: () => number): ClientOptions {
  const { reconnect = {} } = options;
  const where = options.servers === undefined ? { url: 'mqtt://broker' } : {};
  return {
    ...where,
    clientId: `client-${number}`,
    ...options,
    reconnect:
      reconnect === false || typeof reconnect === 'function' ? reconnect : { jitter: 'none', random, ...reconnect },
  };
}

/** Makes a client and watches it until the subscription ends. */
export function testClient(
  options: ClientOptions,
  log: WireLog,
  now: () => number,
  watching: Subscription,
): TestClient {
  const client = connect(options);
  const states: { at: number; state: ConnectionState }[] = [];
  const initial = client.state;
  watching.add(
    client.state$.subscribe((state) => {
      if (state !== initial || states.length > 0) states.push({ at: now(), state });
    }),
  );
  Object.defineProperty(client, WIRE, { value: log });
  return { client, clientId: options.clientId ?? '', log, states };
}
