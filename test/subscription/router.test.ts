import fc from 'fast-check';
import { Subscriber } from 'rxjs';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { FilterSubscription, MessageSubscriber } from '../../src/subscription/filter-subscription.js';
import { Router, type DeliveryTracker } from '../../src/subscription/router.js';
import { matches } from '../../src/topic/matches.js';
import { filters, topics } from '../topic/arbitraries.js';
import { plainRequest as request } from './plain-request.js';

const untracked: DeliveryTracker = {
  hold: (message) => message,
  markDelivered: () => undefined,
  wasDelivered: () => false,
};

const message = (topic: string): PublishPacket =>
  new PublishPacket(topic, new Uint8Array(), 0, false, false, 0, undefined);

interface Joined {
  readonly subscription: FilterSubscription;
  readonly observer: MessageSubscriber;
}

interface World {
  /** Which observers were given what since it was asked last. */
  take(): string[];
  join(filter: string, name?: string): Joined;
  leave(joined: Joined): void;
  deliver(topic: string): boolean;
}

function world(onMessage?: (name: string) => void): World {
  const router = new Router();
  let log: string[] = [];
  let created = 0;
  return {
    take() {
      const taken = log;
      log = [];
      return taken.sort();
    },
    join(filter, name = filter) {
      let subscription = router.index.get(filter);
      if (subscription === undefined) {
        router.add((subscription = new FilterSubscription(filter, request, created++)));
      }
      const subscriber = new Subscriber<PublishPacket>({
        next(packet: PublishPacket) {
          log.push(`${name}=${packet.topic}`);
          onMessage?.(name);
        },
        error: () => undefined,
        complete: () => undefined,
      });
      const observer = new MessageSubscriber(subscription, subscriber, request, () => undefined);
      subscription.add(observer);
      router.changed(subscription);
      return { subscription, observer };
    },
    leave({ subscription, observer }) {
      subscription.remove(observer);
      observer.subscriber.unsubscribe();
      router.changed(subscription);
      if (!subscription.isObserved) router.remove(subscription);
    },
    deliver: (topic) => router.deliver(message(topic), untracked),
  };
}

describe('the router', () => {
  it('gives messages to exactly those whose filters match, whatever joined, left and came before', () => {
    const step = fc.oneof(
      fc.record({ join: filters }),
      fc.record({ leave: fc.nat(20) }),
      fc.record({ topic: topics }),
      fc.record({ topic: topics }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { join, leave, deliver, take } = world();
        const members: { readonly joined: Joined; readonly filter: string; readonly name: string }[] = [];
        let count = 0;
        for (const one of steps) {
          if ('join' in one) {
            const name = `${one.join} ${count++}`;
            members.push({ joined: join(one.join, name), filter: one.join, name });
          } else if ('leave' in one) {
            const [gone] = members.splice(one.leave, 1);
            if (gone !== undefined) leave(gone.joined);
          } else {
            const { topic } = one;
            const expected = members
              .filter(({ filter }) => matches(filter, topic))
              .map(({ name }) => `${name}=${topic}`);
            expect(deliver(topic)).toBe(expected.length > 0);
            expect(take()).toEqual(expected.sort());
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('forgets a cached route when its observer leaves from its handler', () => {
    const seen: string[] = [];
    const { join, leave, deliver, take } = world((name) => {
      seen.push(name);
      if (name !== 'first') return;
      leave(first);
      join('a', 'second');
    });
    const first = join('a', 'first');
    expect(deliver('a')).toBe(true);
    expect(deliver('a')).toBe(true);
    expect(take()).toEqual(['first=a', 'second=a']);
    expect(seen).toEqual(['first', 'second']);
  });

  it('finds the observers of 100 000 topics', () => {
    const { join, deliver, take } = world();
    const kinds = ['value', '+', '#'];
    const count = 100_000;
    for (let at = 0; at < count; at++) join(`hall/${at}/${kinds[at % 3]}`, `${at}`);
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < count; at++) deliver(`hall/${at}/value`);
      const wrong = take().filter((line) => !/^(\d+)=hall\/\1\/value$/.test(line));
      expect(wrong).toEqual([]);
    }
  });
});

describe('identifiers of dropped subscriptions', () => {
  const copy = (topic: string, subscriptionIdentifier: number): PublishPacket =>
    new PublishPacket(topic, new Uint8Array(), 0, false, false, 0, { subscriptionIdentifier });

  /** `#` is observed, and some filters that overlap with it were dropped, in order. */
  function dropped(count: number, before: (router: Router) => void = () => undefined) {
    const router = new Router();
    const log: number[] = [];
    before(router);
    const add = (filter: string, identifier: number): FilterSubscription => {
      const subscription = new FilterSubscription(filter, request, identifier);
      const subscriber = new Subscriber<PublishPacket>({
        next: ({ properties }: PublishPacket) => log.push(Number(properties?.subscriptionIdentifier)),
        error: () => undefined,
        complete: () => undefined,
      });
      subscription.add(new MessageSubscriber(subscription, subscriber, request, () => undefined));
      router.add(subscription);
      subscription.requested(1, identifier, true);
      return subscription;
    };
    add('#', 1);
    for (let index = 0; index < count; index++) {
      const subscription = add(`f/${index}`, 100 + index);
      // Only filters that were found to overlap may have copies of their own.
      router.deliver(copy(`f/${index}`, 1), untracked);
      subscription.removeAll();
      router.remove(subscription);
    }
    log.length = 0;
    const arrives = (index: number): boolean => {
      router.deliver(copy(`f/${index}`, 100 + index), untracked);
      return log.splice(0).length > 0;
    };
    return { router, add, arrives };
  }

  it('are remembered, 256 filters of them: a copy under one is delivered to no other filter', () => {
    const { arrives } = dropped(257);
    // Of the oldest it is not known any more whom it was for.
    expect([arrives(0), arrives(1), arrives(256)]).toEqual([true, false, false]);
  });

  it('belong to the filter again when it is wanted again', () => {
    const { add, arrives } = dropped(2);
    expect(add('f/0', 500).identifiers).toEqual([100, 500]);
    expect([arrives(0), arrives(1)]).toEqual([true, false]);
  });

  it('are forgotten with the session', () => {
    const { router, arrives } = dropped(1);
    router.connected(false);
    expect(arrives(0)).toBe(true);
  });

  it('are not remembered in a session that an earlier process began, where they may mean other filters', () => {
    expect(dropped(1, (router) => router.connected(true)).arrives(0)).toBe(true);
  });
});
