import type { Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { MqttClient } from '../client/mqtt-client.js';
import type { MqttMessage } from '../client/mqtt-message.js';
import type { PacketCommand } from '../packet/packets.js';
import type { Duration } from './duration.js';
import type { EventExpectation, ExpectedMessage, ExpectedPacket, ExpectedState } from './expect-events.js';
import type { ObservableExpectation } from './expect-observable.js';
import type { WireExpectation } from './expect-wire.js';
import type { MessageInit } from './message.js';
import type { Answer, Move, PacketOf } from './scripted-broker.js';
import type { TestBroker } from './test-broker.js';
import type { TestClientOptions } from './test-clients.js';

/** A client of the test, or its client identifier; left out: the only client that there is. */
export type OfClient = MqttClient | string | undefined;

/** What a test is given: virtual time, a broker in it, clients, and diagrams of what they do. */
export interface MqttTest {
  /** ms since the beginning of the test. */
  readonly now: number;
  /** Lets time pass until this moment, inclusive. To be awaited in an `async` test; in the other form it has passed. */
  to(moment: Duration): PromiseLike<void>;
  /** Lets so much time pass. */
  by(duration: Duration): PromiseLike<void>;
  /** Does something at this moment of the test. */
  at(moment: Duration, action: () => void): void;
  /** Sets the clocks on the wall, as users and time servers do; how much time passes is another matter. */
  setTimeOfDay(moment: Date | number): void;
  /** A number in [0, 1), the same in each run of one seed. */
  random(): number;
  readonly seed: number;

  /** A client that dials the broker of the test, without jitter unless it is asked for; ended with the test. */
  connect(options?: TestClientOptions): MqttClient;
  readonly broker: TestBroker;
  /** The scripted broker answers packets of a command so; with `broker: false` alone. */
  answer<C extends PacketCommand>(cmd: C, answer: Answer<PacketOf<C>>): void;
  /** What the scripted broker does on the next connection, from its CONNECT on, which it does not answer by itself then. */
  script(marbles: string, moves: Readonly<Record<string, Move>>): void;

  readonly hot: RunHelpers['hot'];
  readonly cold: RunHelpers['cold'];
  readonly time: RunHelpers['time'];
  expectObservable<T>(source: Observable<T>, subscriptionMarbles?: string | null): ObservableExpectation<T>;
  readonly expectSubscriptions: RunHelpers['expectSubscriptions'];
  /** Messages by a diagram, for a pipeline by itself; cold. */
  messages(marbles: string, values: Readonly<Record<string, MessageInit>>, error?: unknown): Observable<MqttMessage>;
  /** The broker publishes by a diagram, which begins now. */
  publish(marbles: string, values: Readonly<Record<string, MessageInit>>): void;

  /** What a client puts on the wire, at the moments when it does. */
  expectSent(client?: OfClient): EventExpectation<ExpectedPacket>;
  /** What comes to a client, at the moments when it does. */
  expectReceived(client?: OfClient): EventExpectation<ExpectedPacket>;
  /** The transitions of a client's state. */
  expectState(client?: OfClient): EventExpectation<ExpectedState>;
  /** What clients publish and the broker accepts. */
  expectPublished(filter?: string): EventExpectation<ExpectedMessage>;
  /** The transcript of both directions. */
  expectWire(client?: OfClient): WireExpectation;
}
