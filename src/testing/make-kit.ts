import type { Observable } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { matches } from '../topic/matches.js';
import { closed, lengthOf, lengthOfSubscription, parseDiagram, parseLetters } from './diagram.js';
import { toMs } from './duration.js';
import { expectEvents, matchesMessage, matchesWords, messageEvent, packetEvent, stateEvent } from './expect-events.js';
import { expectRecording, type Recording } from './expect-observable.js';
import { expectSubscriptions } from './expect-subscriptions.js';
import { expectWire } from './expect-wire.js';
import { type MessageInit, toMessage } from './message.js';
import { publish as publishPacket } from './packets.js';
import type { Cue, Move, ScriptedBroker } from './scripted-broker.js';
import type { MqttTest } from './test-kit.js';
import { type TestRun, withRun } from './test-run.js';

/** The kit over one run; `pass` lets time pass until a moment, in the way of its form. */
export function makeKit(run: TestRun, pass: (moment: number) => PromiseLike<void>): MqttTest {
  const { clock, expectations, extend } = run;
  const script = (): ScriptedBroker => {
    if (run.scripted !== undefined) return run.scripted;
    throw new Error('answer() and script() are for a scripted broker: mqttTest(..., { broker: false })');
  };
  /** Of a diagram that begins now. */
  const input = (marbles: string): void => extend(clock.frame + lengthOf(marbles));
  let packetIds = 0;

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
      script().script(parseScript(marbles, moves));
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
        clock.schedule(() => {
          if (run.scripted === undefined) return run.broker.publish(message);
          const id = qos === 0 ? 0 : (packetIds = (packetIds % 65535) + 1);
          run.scripted.publish(Object.assign(publishPacket(topic, '', { ...message, id }), { payload }));
        }, frame);
      }
    },
    expectObservable: (source, subscriptionMarbles = null) => {
      if (subscriptionMarbles !== null) extend(lengthOfSubscription(subscriptionMarbles));
      const record = (what: Observable<unknown>): Recording => run.record(what, subscriptionMarbles);
      return expectRecording(record(source), record, expectations, run.assertEqual, extend);
    },
    expectSubscriptions: (logs) => expectSubscriptions(logs, expectations, run.assertEqual, extend),
    expectSent(which) {
      const { clientId, log } = run.clientOf(which);
      const events = (): ReturnType<typeof packetEvent>[] => log.sent.map(packetEvent);
      return expectEvents(`what "${clientId}" sent`, expectations, events, matchesPacket, extend);
    },
    expectReceived(which) {
      const { clientId, log } = run.clientOf(which);
      const events = (): ReturnType<typeof packetEvent>[] => log.received.map(packetEvent);
      return expectEvents(`what "${clientId}" received`, expectations, events, matchesPacket, extend);
    },
    expectState(which) {
      const { clientId, states } = run.clientOf(which);
      const events = (): ReturnType<typeof stateEvent>[] => states.map(stateEvent);
      return expectEvents(`the state of "${clientId}"`, expectations, events, matchesPacket, extend);
    },
    expectPublished(filter = '#') {
      const events = (): ReturnType<typeof messageEvent>[] =>
        run.accepted
          .filter(({ clientId, message }) => clientId !== undefined && matches(filter, message.topic))
          .map(messageEvent);
      return expectEvents(`what was published to "${filter}"`, expectations, events, matchesMessage, extend);
    },
    expectWire(which) {
      const { clientId, log } = run.clientOf(which);
      return expectWire(
        `the wire of "${clientId}"`,
        expectations,
        () => run.now,
        () => log.events,
        extend,
      );
    },
  };
  return withRun(kit, run);
}

const matchesPacket = (expected: unknown, event: Parameters<typeof matchesWords>[1]): boolean =>
  matchesWords(expected, event);

function parseScript(marbles: string, moves: Readonly<Record<string, Move>>): Cue[] {
  return parseLetters(marbles).map(({ frame, notification }) => {
    const letter = notification.kind === 'N' ? String(notification.value) : notification.kind;
    const move = moves[letter];
    if (move === undefined) throw new Error(`the script "${marbles}" has a letter "${letter}" without a packet`);
    return { frame, move };
  });
}

function toMessages(
  marbles: string,
  values: Readonly<Record<string, MessageInit>>,
): Record<string, ReturnType<typeof toMessage>> {
  for (const [letter] of marbles.replace(/(^|\s)\d+(\.\d+)?(ms|s|m)(?=\s|$)/g, ' ').matchAll(/[^\s\-()|#^!]/g)) {
    if (!(letter in values)) throw new Error(`the diagram "${marbles}" has a letter "${letter}" without a message`);
  }
  return Object.fromEntries(Object.entries(values).map(([letter, init]) => [letter, toMessage(init)]));
}
