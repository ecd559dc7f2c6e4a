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
  /** The virtual time since the beginning of the test, in ms. */
  readonly now: number;
  /**
   * Lets time pass until this moment, inclusive. Await it in an `async` test; in a synchronous test it has passed on
   * return.
   */
  to(moment: Duration): PromiseLike<void>;
  /** Lets this much time pass. */
  by(duration: Duration): PromiseLike<void>;
  /** Calls the function at this moment of the test. */
  at(moment: Duration, action: () => void): void;
  /** Sets the time of day, as users and time servers do. Elapsed time does not change. */
  setTimeOfDay(moment: Date | number): void;
  /** A number in [0, 1); the sequence depends on the seed alone. */
  random(): number;
  /** The seed of all randomness in the test. */
  readonly seed: number;

  /** Makes a client of the test's broker, without jitter unless an option sets it. It ends with the test. */
  connect(options?: TestClientOptions): MqttClient;
  /** The broker of the test. */
  readonly broker: TestBroker;
  /** Sets how the scripted broker answers packets of a command; only with `broker: false`. */
  answer<C extends PacketCommand>(cmd: C, answer: Answer<PacketOf<C>>): void;
  /** Scripts the broker's next connection, from its CONNECT on. The script must answer that CONNECT. */
  script(marbles: string, moves: Readonly<Record<string, Move>>): void;

  /** As in RxJS's `TestScheduler`: a hot Observable of a diagram that begins now. */
  readonly hot: RunHelpers['hot'];
  /** As in RxJS's `TestScheduler`: a cold Observable of a diagram. */
  readonly cold: RunHelpers['cold'];
  /** As in RxJS's `TestScheduler`: the length of a diagram in ms. */
  readonly time: RunHelpers['time'];
  /** Expects the notifications of an Observable. */
  expectObservable<T>(source: Observable<T>, subscriptionMarbles?: string | null): ObservableExpectation<T>;
  /** Expects the subscriptions of a hot or cold Observable. */
  readonly expectSubscriptions: RunHelpers['expectSubscriptions'];
  /** A cold Observable of the messages of a diagram, to test a pipeline without a client. */
  messages(marbles: string, values: Readonly<Record<string, MessageInit>>, error?: unknown): Observable<MqttMessage>;
  /** Makes the broker publish the messages of a diagram that begins now. */
  publish(marbles: string, values: Readonly<Record<string, MessageInit>>): void;

  /** Expects the packets that a client sends, at the time of sending. */
  expectSent(client?: OfClient): EventExpectation<ExpectedPacket>;
  /** Expects the packets that reach a client, at the time of arrival. */
  expectReceived(client?: OfClient): EventExpectation<ExpectedPacket>;
  /** Expects the transitions of a client's state. */
  expectState(client?: OfClient): EventExpectation<ExpectedState>;
  /** Expects the messages that the broker accepts from clients. */
  expectPublished(filter?: string): EventExpectation<ExpectedMessage>;
  /** Expects a transcript of both directions. */
  expectWire(client?: OfClient): WireExpectation;
}
