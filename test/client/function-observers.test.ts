import fc from 'fast-check';
import { config, Subscription } from 'rxjs';
import {
  connackWith,
  inVirtualTime,
  publish,
  shown,
  suback,
  unsuback,
  type Answers,
  type World,
} from '../../marble-tests/support.js';
import type { MqttMessage } from '../../src/index.js';
import type { Retention } from '../../src/session/retention.js';
import { connected } from './connected.js';

/** The unhandled errors. */
let unhandled: string[] = [];
beforeAll(() => {
  config.onUnhandledError = (error: Error) => void unhandled.push(error.message);
});
beforeEach(() => {
  unhandled = [];
});
afterAll(() => {
  config.onUnhandledError = null;
});

const nothing = (): void => undefined;

/** The events of a fresh subscription of `a`. */
type End = (world: World, subscription: Subscription) => void;

const ends: readonly [string, End][] = [
  ['the application unsubscribes', (_, subscription) => subscription.unsubscribe()],
  ['the application dismisses the filter', ({ client }) => void client.unsubscribe('a').subscribe()],
  ['the client ends', ({ client }) => void client.end()],
  ['the client ends by force', ({ client }) => void client.end({ force: true })],
];

describe('a function that is the only observer of a filter', () => {
  it.each(ends)('is closed when %s', (_, end) => {
    connected((world) => {
      const subscription = world.client.subscribe('a').subscribe(nothing);
      world.by(0);
      end(world, subscription);
      world.by(10);
      expect(subscription.closed).toBe(true);
      let late = 0;
      subscription.add(() => late++);
      expect(late).toBe(1);
      subscription.unsubscribe();
    });
  });

  it.each(ends)('has its teardown run, and its parents let it go, when %s', (_, end) => {
    connected((world) => {
      const subscription = world.client.subscribe('a').subscribe(nothing);
      const parent = new Subscription();
      const log: string[] = [];
      parent.add(subscription);
      subscription.add(() => log.push('torn down'));
      const removed = new Subscription(() => log.push('removed before'));
      subscription.add(removed);
      subscription.remove(removed);
      world.by(0);
      expect(subscription.closed).toBe(false);
      end(world, subscription);
      world.by(10);
      expect(log).toEqual(['torn down']);
      const again = jest.spyOn(subscription, 'unsubscribe');
      parent.unsubscribe();
      expect(again).not.toHaveBeenCalled();
    });
  });

  it('is closed when the broker refuses the filter, and the error is reported', () => {
    connected(
      (world) => {
        const subscription = world.client.subscribe('a').subscribe(nothing);
        const other = world.client.subscribe('b').subscribe(nothing);
        world.by(0);
        world.by(10);
        expect([subscription.closed, other.closed]).toEqual([true, false]);
        expect(unhandled).toEqual([expect.stringContaining('"a"')]);
      },
      {
        subscribe: ({ packetId, subscriptions }) =>
          suback(packetId, ...subscriptions.map(({ filter }) => (filter === 'a' ? 0x87 : 0))),
      },
    );
  });

  it('is independent of an observer with the same function that joins at the refusal', () => {
    connected(
      (world) => {
        const first = world.client.subscribe('a/#').subscribe(nothing);
        const seen: boolean[] = [];
        world.client.subscribe('b/#').subscribe({
          error() {
            const second = world.client.subscribe('a/#').subscribe(nothing);
            seen.push(first.closed, second.closed);
          },
        });
        world.by(0);
        expect(seen).toEqual([true, false]);
      },
      { connect: () => connackWith({ wildcardSubscriptionAvailable: false }) },
    );
  });

  it('does not take the refusal of one that has left meanwhile', () => {
    connected(
      (world) => {
        const first = world.client.subscribe('a').subscribe(nothing);
        world.by(0);
        first.unsubscribe();
        const second = world.client.subscribe('a').subscribe(() => undefined);
        world.line.send(suback(1, 0x87));
        expect([first.closed, second.closed]).toEqual([true, false]);
      },
      { subscribe: () => undefined },
    );
  });

  it('may observe twice, and leaves once', () => {
    connected((world) => {
      let calls = 0;
      const count = (): number => calls++;
      const first = world.client.subscribe('a').subscribe(count);
      const second = world.client.subscribe('a').subscribe(count);
      world.by(0);
      world.line.send(publish('a', '1'));
      expect(calls).toBe(2);
      first.unsubscribe();
      expect([first.closed, second.closed]).toEqual([true, false]);
      world.line.send(publish('a', '2'));
      expect(calls).toBe(3);
      second.unsubscribe();
      world.line.send(publish('a', '3'));
      expect(calls).toBe(3);
    });
  });

  it.each([4, 5] as const)('does not receive the replay of a later observer (MQTT %i)', (protocolVersion) => {
    const held: ReturnType<typeof suback>[] = [];
    const answers: Answers = {
      connect: () => connackWith(protocolVersion === 5 ? { subscriptionIdentifiersAvailable: false } : {}),
      subscribe: ({ packetId, subscriptions }) => {
        held.push(suback(packetId, ...subscriptions.map(() => 0)));
        return undefined;
      },
    };
    inVirtualTime({ protocolVersion, answers }, (world) => {
      const log: string[] = [];
      world.to(0);
      world.client.subscribe('a').subscribe((message) => log.push(`first ${shown(message)}`));
      world.by(1);
      world.line.send(...held.splice(0));
      world.client.subscribe('a').subscribe((message) => log.push(`second ${shown(message)}`));
      world.by(1);
      world.line.send(publish('a', 'live'), publish('a', 'live', { retain: true }), ...held);
      expect(log).toEqual(['first a=live', 'second a=live', 'second a=live retain']);
    });
  });

  it('stays open until it is ended, even while others are being ended', () => {
    connected((world) => {
      const seen: boolean[] = [];
      const first = world.client.subscribe('a').subscribe(nothing);
      const second = world.client.subscribe('b').subscribe(nothing);
      first.add(() => seen.push(second.closed));
      void world.client.end();
      world.by(10);
      expect([...seen, second.closed]).toEqual([false, true]);
    });
  });

  it('leaves all of its filters where it has several', () => {
    connected((world) => {
      let calls = 0;
      const subscription = world.client.subscribe(['a', 'b']).subscribe(() => calls++);
      world.by(0);
      world.line.send(publish('a', '1'), publish('b', '2'));
      expect(calls).toBe(2);
      subscription.unsubscribe();
      world.line.send(publish('a', '3'), publish('b', '4'));
      expect(calls).toBe(2);
    });
  });

  it('continues when its Subscription is dropped', () => {
    connected((world) => {
      let calls = 0;
      world.client.subscribe('a').subscribe(() => calls++);
      world.by(0);
      world.line.send(publish('a', '1'), publish('a', '2'));
      expect(calls).toBe(2);
    });
  });
});

type Step =
  | { readonly subscribe: string; readonly qos: 0 | 1 | 2; readonly manual: boolean; readonly linger: number }
  | { readonly leave: number }
  | { readonly dismiss: string }
  | { readonly topic: string; readonly qos: 0 | 1 | 2; readonly retain: boolean; readonly identified: boolean }
  | { readonly again: true }
  | { readonly look: number }
  | { readonly lose: boolean }
  | { readonly refuse: boolean }
  /** The broker holds its answers to SUBSCRIBE back, or has given them. */
  | { readonly hold: boolean }
  | { readonly wait: number };

const filter = fc.constantFrom('a', 'b', '+', 'a/#', '$share/g/a');
const qos = fc.constantFrom<0 | 1 | 2>(0, 1, 2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ subscribe: filter, qos, manual: fc.boolean(), linger: fc.constantFrom(0, 20) }) },
  { weight: 2, arbitrary: fc.record({ leave: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ dismiss: filter }) },
  {
    weight: 4,
    arbitrary: fc.record({
      topic: fc.constantFrom('a', 'b', 'a/c'),
      qos,
      retain: fc.boolean(),
      identified: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ again: true as const }) },
  { weight: 1, arbitrary: fc.record({ look: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ lose: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ refuse: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ hold: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ wait: fc.constantFrom(0, 1, 30, 1100) }) },
);

interface Setting {
  readonly version: 4 | 5;
  readonly resubscribe: boolean;
  readonly retention: Retention;
}

/** What a message is given to: a function, or an observer around it. */
type Consumer = ((message: MqttMessage) => void) | { next(message: MqttMessage): void };

/** All that can be seen from outside when observers are made from a function in this way. */
function played(
  { version, resubscribe, retention }: Setting,
  steps: readonly Step[],
  as: (next: (message: MqttMessage) => void) => Consumer,
): readonly string[] {
  const log: string[] = [];
  let present = false;
  let refuse = false;
  let hold = false;
  const held: ReturnType<typeof suback>[] = [];
  let packetId = 100;
  let last: ((dup: boolean) => ReturnType<typeof publish>) | undefined;
  let identifier = 0;
  const answers: Answers = {
    connect() {
      held.length = 0;
      return connackWith({}, present);
    },
    subscribe({ packetId: id, subscriptions, properties }) {
      const given = properties?.subscriptionIdentifier;
      if (typeof given === 'number') identifier = given;
      const answer = suback(id, ...subscriptions.map(({ qos: asked }) => (refuse ? 0x80 : asked)));
      if (!hold) return answer;
      held.push(answer);
      return undefined;
    },
    unsubscribe: ({ packetId: id, filters }) => unsuback(id, ...filters.map(() => 0)),
  };
  unhandled = [];
  inVirtualTime(
    {
      answers,
      clean: false,
      ...(version === 5 ? { sessionExpiry: 600 } : {}),
      protocolVersion: version,
      resubscribe,
      retention,
      reconnect: { jitter: 'none' },
    },
    (world) => {
      const subscriptions: Subscription[] = [];
      world.to(0);
      for (const one of steps) {
        if ('subscribe' in one) {
          const name = subscriptions.length;
          const next = (message: MqttMessage): void => {
            log.push(`${world.now} ${name} ${shown(message)}${message.dup ? ' dup' : ''}`);
            message.ack();
          };
          const { subscribe, manual, linger } = one;
          const options = { qos: one.qos, ack: manual ? 'manual' : 'auto', linger } as const;
          subscriptions.push(world.client.subscribe(subscribe, options).subscribe(as(next) as typeof next));
        } else if ('leave' in one) subscriptions[one.leave]?.unsubscribe();
        else if ('dismiss' in one) world.fire(world.client.unsubscribe(one.dismiss));
        else if ('topic' in one) {
          const properties =
            version === 5 && one.identified && identifier > 0 ? { subscriptionIdentifier: identifier } : {};
          const id = one.qos === 0 ? 0 : packetId++;
          const { topic, qos: level, retain } = one;
          last = (dup) => publish(topic, `${id} at ${world.now}`, { qos: level, retain, dup, id, properties });
          world.line.send(last(false));
        } else if ('again' in one) {
          const again = last?.(true);
          if (again !== undefined && again.qos > 0) world.line.send(again);
        } else if ('look' in one) log.push(`${one.look} is closed: ${subscriptions[one.look]?.closed}`);
        else if ('lose' in one) {
          present = one.lose;
          world.line.peer.fail();
        } else if ('refuse' in one) refuse = one.refuse;
        else if ('hold' in one) {
          hold = one.hold;
          if (!hold) world.line.send(...held.splice(0));
        } else world.by(one.wait);
      }
      world.by(2000);
      log.push(...subscriptions.map(({ closed }) => String(closed)), ...world.wire);
    },
  );
  return [...log, ...unhandled];
}

const setting = fc.record<Setting>({
  version: fc.constantFrom(4, 5),
  resubscribe: fc.boolean(),
  retention: fc.constantFrom('all', 'nothing'),
});

describe('a function as the observer', () => {
  it('is served like an observer', () => {
    fc.assert(
      fc.property(setting, fc.array(step, { maxLength: 40 }), (how, steps) => {
        expect(played(how, steps, (next) => next)).toEqual(played(how, steps, (next) => ({ next })));
      }),
      { numRuns: 1000 },
    );
  });
});
