import type { Observable } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { matches } from '../topic/matches.js';
import type { ActualEvent } from './comparison.js';
import { closed, lengthOf, lengthOfSubscription, parseDiagram, parseLetters, remedy } from './diagram.js';
import { toMs } from './duration.js';
import { expectEvents, matchesMessage, matchesWords, messageEvent, packetEvent, stateEvent } from './expect-events.js';
import { expectRecording, type Recording } from './expect-observable.js';
import { expectSubscriptions } from './expect-subscriptions.js';
import { expectWire } from './expect-wire.js';
import { type MessageInit, toMessage } from './message.js';
import type { Cue, Move, ScriptedBroker } from './scripted-broker.js';
import type { MqttTest } from './test-kit.js';
import { type TestRun, withRun } from './test-run.js';

/** Makes the kit of one run. `pass` lets time pass until a moment, synchronously or not. */
export function makeKit(run: TestRun, pass: (moment: number) => PromiseLike<void>): MqttTest {
  const { clock, expectations, extend } = run;
  const script = (): ScriptedBroker => {
    if (run.scripted !== undefined) return run.scripted;
    throw new Error('answer() and script() are for a scripted broker: mqttTest(..., { broker: false })');
  };
  const call = (name: keyof MqttTest, of: string | undefined): string =>
    `t.${name}(${of === undefined ? '' : `"${of}"`})`;
  /** Extends the test to the end of a diagram that begins now. */
  const input = (marbles: string): void => extend(clock.frame + lengthOf(marbles));

  const kit: MqttTest = {
    get now() {
      return run.now;
    },
    seed: run.seed,
    random: run.random,
    broker: run.broker,
    to: (moment) => pass(toMs(moment)),
    by: (duration) => pass(run.now + toMs(duration)),
    at(moment, action) {
      const due = toMs(moment);
      if (due < run.now) throw new Error(`t.at(${String(moment)}) is in the past: it is ${run.now} ms already`);
      extend(due);
      clock.schedule(action, due - run.now);
    },
    setTimeOfDay: (moment) => run.setTimeOfDay(Number(moment)),
    connect: (options) => run.connect(options).client,
    answer: (cmd, answer) => script().answer(cmd, answer),
    script(marbles, moves) {
      script().script(marbles, parseScript(marbles, moves));
      extend(lengthOf(marbles));
    },
    hot<T>(marbles: string, values?: Record<string, T>, error?: unknown) {
      input(marbles);
      return clock.inside(() => clock.createHotObservable<T>(closed(marbles), values, error));
    },
    cold<T>(marbles: string, values?: Record<string, T>, error?: unknown) {
      input(marbles);
      return clock.inside(() => clock.createColdObservable<T>(closed(marbles), values, error));
    },
    time: (marbles) => clock.inside(() => clock.createTime(marbles)),
    messages(marbles, values, error) {
      input(marbles);
      return clock.inside(() => clock.createColdObservable(closed(marbles), toMessages(marbles, values), error));
    },
    publish(marbles, values) {
      input(marbles);
      const messages = toMessages(marbles, values);
      for (const { frame, letter } of parseDiagram(marbles, messages)) {
        const { topic, payload, qos, retain, properties } = messages[letter] as MqttMessage;
        const message = { topic, payload, qos, retain, ...(properties && { properties }) };
        clock.schedule(() => run.broker.publish(message), frame);
      }
    },
    expectObservable: function expectObservable(source, subscriptionMarbles = null) {
      if (subscriptionMarbles !== null) extend(lengthOfSubscription(subscriptionMarbles));
      const record = (what: Observable<unknown>): Recording => run.record(what, subscriptionMarbles);
      const expectation = expectRecording(record(source), record, expectations, run.assertEqual, extend);
      return expectations.begun('t.expectObservable(...)', expectObservable, expectation);
    },
    expectSubscriptions: function expectSubscriptionsOf(logs) {
      const expectation = expectSubscriptions(logs, expectations, run.assertEqual, extend);
      return expectations.begun('t.expectSubscriptions(...)', expectSubscriptionsOf, expectation);
    },
    expectSent: function expectSent(which) {
      const { clientId, log } = run.clientOf(which);
      const events = (): ActualEvent[] => log.sent.map(packetEvent);
      const expectation = expectEvents(`what "${clientId}" sent`, expectations, events, matchesWords, extend);
      return expectations.begun(call('expectSent', clientId), expectSent, expectation);
    },
    expectReceived: function expectReceived(which) {
      const { clientId, log } = run.clientOf(which);
      const events = (): ActualEvent[] => log.received.map(packetEvent);
      const expectation = expectEvents(`what "${clientId}" received`, expectations, events, matchesWords, extend);
      return expectations.begun(call('expectReceived', clientId), expectReceived, expectation);
    },
    expectState: function expectState(which) {
      const { clientId, states } = run.clientOf(which);
      const events = (): ActualEvent[] => states.map(stateEvent);
      const expectation = expectEvents(`the state of "${clientId}"`, expectations, events, matchesWords, extend);
      return expectations.begun(call('expectState', clientId), expectState, expectation);
    },
    expectPublished: function expectPublished(filter = '#') {
      const events = (): ActualEvent[] =>
        run.accepted
          .filter(({ clientId, message }) => clientId !== undefined && matches(filter, message.topic))
          .map(messageEvent);
      const what = `what was published to "${filter}"`;
      const expectation = expectEvents(what, expectations, events, matchesMessage, extend);
      return expectations.begun(call('expectPublished', filter), expectPublished, expectation);
    },
    expectWire: function expectWireOf(which) {
      const { clientId, log } = run.clientOf(which);
      const [now, events] = [() => run.now, () => log.events];
      const expectation = expectWire(`the wire of "${clientId}"`, expectations, now, events, extend);
      return expectations.begun(call('expectWire', clientId), expectWireOf, expectation);
    },
  };
  return withRun(kit, run);
}

function parseScript(marbles: string, moves: Readonly<Record<string, Move>>): Cue[] {
  return parseLetters(marbles).map(({ frame, notification }) => {
    const letter = notification.kind === 'N' ? String(notification.value) : notification.kind;
    const move = moves[letter];
    if (move === undefined)
      throw new Error(`the script "${marbles}" has a letter "${letter}" without a packet; ${remedy(marbles, letter)}`);
    return { frame, move };
  });
}

function toMessages(
  marbles: string,
  values: Readonly<Record<string, MessageInit>>,
): Record<string, ReturnType<typeof toMessage>> {
  for (const [letter] of marbles.replace(/(^|\s)\d+(\.\d+)?(ms|s|m)(?=\s|$)/g, ' ').matchAll(/[^\s\-()|#^!]/g)) {
    if (!(letter in values))
      throw new Error(
        `the diagram "${marbles}" has a letter "${letter}" without a message; ${remedy(marbles, letter)}`,
      );
  }
  return Object.fromEntries(Object.entries(values).map(([letter, init]) => [letter, toMessage(init)]));
}
