import fc from 'fast-check';
import { Subscriber } from 'rxjs';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { Membership } from '../../src/subscription/membership.js';
import type { Exit, MessageObserver } from '../../src/subscription/message-observer.js';
import { Recent } from '../../src/subscription/recent.js';
import { Router, type DeliveryTracker } from '../../src/subscription/router.js';
import { SubscriptionEntry } from '../../src/subscription/subscription-entry.js';
import { firstTerms } from '../../src/subscription/terms.js';
import { matches } from '../../src/topic/matches.js';
import { filters, topics } from '../topic/arbitraries.js';
import { plainRequest as request } from './plain-request.js';

const nowhere: Exit = { detach: () => undefined, silence: () => undefined };

const nobody: DeliveryTracker = {
  hold: (message) => message,
  markDelivered: () => undefined,
  wasDelivered: () => false,
};

/** A message whose topic has this number; 0 for none. */
const message = (topic: string, topicId: number): PublishPacket =>
  new PublishPacket(topic, new Uint8Array(), 0, false, false, 0, undefined, topicId);

interface World {
  readonly router: Router;
  /** Who was given what since it was asked last. */
  take(): string[];
  join(filter: string, name?: string): Membership;
  leave(member: Membership): void;
  deliver(topic: string, topicId: number): boolean;
}

function world(onMessage?: (name: string) => void): World {
  const router = new Router();
  let log: string[] = [];
  let created = 0;
  const subscribers = new Map<Membership, Subscriber<PublishPacket>>();
  return {
    router,
    take() {
      const taken = log;
      log = [];
      return taken.sort();
    },
    join(filter, name = filter) {
      let entry = router.entries.get(filter);
      if (entry === undefined) {
        const terms = firstTerms(request, nowhere, new Recent());
        router.add((entry = new SubscriptionEntry(filter, terms, created++)));
      }
      const subscriber = new Subscriber<PublishPacket>({
        next(packet: PublishPacket) {
          log.push(`${name}=${packet.topic}`);
          onMessage?.(name);
        },
        error: () => undefined,
        complete: () => undefined,
      });
      const observer: MessageObserver = {
        subscriber,
        request,
        memberships: undefined,
        join: (joined) => new Membership(joined, observer),
      };
      const member = observer.join(entry);
      subscribers.set(member, subscriber);
      entry.add(member);
      router.changed();
      return member;
    },
    leave(member) {
      const { entry } = member;
      entry.remove(member);
      subscribers.get(member)?.unsubscribe();
      router.changed();
      if (!entry.isObserved) router.remove(entry);
    },
    deliver: (topic, topicId) => router.deliver(message(topic, topicId), nobody),
  };
}

describe('the router', () => {
  it('gives messages to exactly those whose filters match, whatever joined, left and came before', () => {
    const step = fc.oneof(
      fc.record({ join: filters }),
      fc.record({ leave: fc.nat(20) }),
      fc.record({ topic: topics, numbered: fc.boolean(), spread: fc.constantFrom(1, 64, 1 << 17) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { join, leave, deliver, take } = world();
        const members: { readonly member: Membership; readonly filter: string; readonly name: string }[] = [];
        const numbers = new Map<string, number>();
        let joined = 0;
        for (const one of steps) {
          if ('join' in one) {
            const name = `${one.join} ${joined++}`;
            members.push({ member: join(one.join, name), filter: one.join, name });
          } else if ('leave' in one) {
            const [gone] = members.splice(one.leave, 1);
            if (gone !== undefined) leave(gone.member);
          } else {
            const { topic, numbered, spread } = one;
            const key = `${topic} ${spread}`;
            // Numbers far apart fall on one place of the table.
            if (!numbers.has(key)) numbers.set(key, (numbers.size + 1) * spread);
            const expected = members
              .filter(({ filter }) => matches(filter, topic))
              .map(({ name }) => `${name}=${topic}`);
            expect(deliver(topic, numbered ? (numbers.get(key) ?? 0) : 0)).toBe(expected.length > 0);
            expect(take()).toEqual(expected.sort());
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 7])('forgets where a topic led to when that observer leaves from its handler (number %i)', (topicId) => {
    const seen: string[] = [];
    const { join, leave, deliver, take } = world((name) => {
      seen.push(name);
      if (name !== 'first') return;
      leave(first);
      join('a', 'second');
    });
    const first = join('a', 'first');
    expect(deliver('a', topicId)).toBe(true);
    expect(deliver('a', topicId)).toBe(true);
    expect(take()).toEqual(['first=a', 'second=a']);
    expect(seen).toEqual(['first', 'second']);
  });

  it('finds the observers of 100 000 topics, each behind a number of its own', () => {
    const { join, deliver, take } = world();
    const kinds = ['value', '+', '#'];
    const count = 100_000;
    for (let at = 0; at < count; at++) join(`hall/${at}/${kinds[at % 3]}`, `${at}`);
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < count; at++) deliver(`hall/${at}/value`, at + 1);
      const wrong = take().filter((line) => !/^(\d+)=hall\/\1\/value$/.test(line));
      expect(wrong).toEqual([]);
    }
  });
});
