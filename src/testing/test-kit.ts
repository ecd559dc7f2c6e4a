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

/** A client of the test, or its client identifier. May be left out if there is only one client. */
export type OfClient = MqttClient | string | undefined;

/** The tools of a test: virtual time, a broker, clients, and diagrams of what happens. */
export interface MqttTest {
  /** ms since the beginning of the test. */
  readonly now: number;
  /** Lets time pass until this moment, inclusive. Await it in an `async` test; in the other form it has passed on return. */
  to(moment: Duration): PromiseLike<void>;
  /** Lets this much time pass. */
  by(duration: Duration): PromiseLike<void>;
  /** Does something at this moment of the test. */
  at(moment: Duration, action: () => void): void;
  /** Sets the time of day, as users and time servers do. Elapsed time does not change. */
  setTimeOfDay(moment: Date | number): void;
  /** A number in [0, 1); the sequence depends on the seed alone. */
  random(): number;
  readonly seed: number;

  /** A client that dials the broker of the test, without jitter unless an option sets it. Ended with the test. */
  connect(options?: TestClientOptions): MqttClient;
  readonly broker: TestBroker;
  /** How the scripted broker answers packets of a command; only with `broker: false`. */
  answer<C extends PacketCommand>(cmd: C, answer: Answer<PacketOf<C>>): void;
  /** Scripts the broker's next connection, from its CONNECT on. The script must answer that CONNECT. */
  script(marbles: string, moves: Readonly<Record<string, Move>>): void;

  readonly hot: RunHelpers['hot'];
  readonly cold: RunHelpers['cold'];
  readonly time: RunHelpers['time'];
  expectObservable<T>(source: Observable<T>, subscriptionMarbles?: string | null): ObservableExpectation<T>;
  readonly expectSubscriptions: RunHelpers['expectSubscriptions'];
  /** A cold Observable of the messages of a diagram, to test a pipeline without a client. */
  messages(marbles: string, values: Readonly<Record<string, MessageInit>>, error?: unknown): Observable<MqttMessage>;
  /** The broker publishes the messages of a diagram, which begins now. */
  publish(marbles: string, values: Readonly<Record<string, MessageInit>>): void;

  /** The packets that a client sends, when it sends them. */
  expectSent(client?: OfClient): EventExpectation<ExpectedPacket>;
  /** The packets that reach a client, when they reach it. */
  expectReceived(client?: OfClient): EventExpectation<ExpectedPacket>;
  /** The transitions of a client's state. */
  expectState(client?: OfClient): EventExpectation<ExpectedState>;
  /** The messages that the broker accepts from clients. */
  expectPublished(filter?: string): EventExpectation<ExpectedMessage>;
  /** The transcript of both directions. */
  expectWire(client?: OfClient): WireExpectation;
}
