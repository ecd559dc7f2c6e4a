import type { Subscriber } from 'rxjs';
import type { PublishPacket } from '../../src/packet/publish-packet.js';
import { FilterSubscription, MessageSubscriber } from '../../src/subscription/filter-subscription.js';
import { reconcile, type ReconcileLimits, type Changes, type Plan } from '../../src/subscription/reconcile.js';
import type { SubscriptionRequest } from '../../src/subscription/subscription-request.js';
import { plainRequest } from './plain-request.js';

const v5: ReconcileLimits = {
  protocolVersion: 5,
  maximumPacketSize: Infinity,
  wildcardSubscriptionAvailable: true,
  sharedSubscriptionAvailable: true,
  subscriptionIdentifiersAvailable: true,
  batchSize: Infinity,
  isLenient: false,
};
const v4: ReconcileLimits = { ...v5, protocolVersion: 4, subscriptionIdentifiersAvailable: false };

let created = 0;

function observe(subscription: FilterSubscription, request: Partial<SubscriptionRequest> = {}): MessageSubscriber {
  const subscriber = { closed: false } as Subscriber<PublishPacket>;
  const observer = new MessageSubscriber(subscription, subscriber, { ...plainRequest, ...request }, () => undefined);
  subscription.add(observer);
  return observer;
}

/** A subscription with an observer. */
function wanted(filter: string, request: Partial<SubscriptionRequest> = {}): FilterSubscription {
  const subscription = new FilterSubscription(filter, { ...plainRequest, ...request }, created++);
  observe(subscription, request);
  return subscription;
}

/** The same, which the broker has granted. */
function granted(filter: string, identifier?: number): FilterSubscription {
  const subscription = wanted(filter);
  subscription.granted(0, subscription.requested(1, identifier, true));
  return subscription;
}

/** As a wire transcript: `S a b id=1`, `U c`, `! d CODE`. */
function shown({ denied, refused, unsubscribe, subscribe }: Plan): string[] {
  return [
    ...denied.map(({ subscription, error }) => `! ${subscription.filter} ${error.code}`),
    ...refused.map(({ call, error }) => `! ${call.filters.join(' ')} ${error.code}`),
    ...unsubscribe.map(({ filters }) => `U ${filters.join(' ')}`),
    ...subscribe.map(({ subscriptions, identifier }) =>
      ['S', ...subscriptions.map(({ filter }) => filter), ...(identifier ? [`id=${identifier}`] : [])].join(' '),
    ),
  ];
}

const planned = (changes: Partial<Changes>, broker = v5, lastIdentifier = 0): string[] =>
  shown(reconcile({ subscriptions: [], unwanted: [], calls: [], ...changes }, broker, lastIdentifier));

const overlapping = (): FilterSubscription[] => ['a/+', 'a/b', '#', 'c'].map((filter) => wanted(filter));
const many = (count: number): FilterSubscription[] => Array.from({ length: count }, (_, at) => wanted(`f/${at}`));

describe('reconcile()', () => {
  const cases: readonly [string, () => string[], string[]][] = [
    ['asks for what is wanted in one packet', () => planned({ subscriptions: many(3) }), ['S f/0 f/1 f/2 id=1']],
    ['asks for nothing that the broker has', () => planned({ subscriptions: [granted('a', 1)] }), []],
    ['asks again for a higher QoS', () => {
      const subscription = granted('a', 1);
      observe(subscription, { qos: 2 });
      return planned({ subscriptions: [subscription] }, v5, 1);
    }, ['S a id=2']],
    ['asks again for the retained messages of a later observer', () => {
      const subscription = granted('a', 1);
      subscription.requestAgain();
      return planned({ subscriptions: [subscription] }, v5, 1);
    }, ['S a id=2']],
    ['asks for nothing that has no observer, or was unsubscribed from', () => {
      const [left, leaving] = [wanted('left'), wanted('leaving')];
      left.removeAll();
      leaving.isLeaving = true;
      return planned({ subscriptions: [left, leaving] });
    }, []],
    ['tells the broker to forget first', () => planned({ subscriptions: [wanted('a')], unwanted: ['b', 'c'] }),
      ['U b c', 'S a id=1']],
    ['sends each call of unsubscribe() as it is', () => planned({
      unwanted: ['c'],
      calls: [{ filters: ['a', 'b'], properties: undefined, caller: undefined },
        { filters: ['a'], properties: undefined, caller: undefined }],
    }), ['U a b', 'U a', 'U c']],

    ['separates filters that overlap where there are identifiers', () => planned({ subscriptions: overlapping() }),
      ['S a/+ c id=1', 'S # id=2', 'S a/b id=3']],
    ['and nowhere else', () => planned({ subscriptions: overlapping() }, v4), ['S a/+ a/b # c']],
    ['separates a shared filter from its plain twin',
      () => planned({ subscriptions: [wanted('a'), wanted('$share/g/a')] }), ['S $share/g/a id=1', 'S a id=2']],
    ['separates filters with properties of their own', () => {
      const properties = { userProperties: [['k', 'v']] as [string, string][] };
      return planned({ subscriptions: [wanted('a'), wanted('b', { properties }), wanted('c')] });
    }, ['S a c id=1', 'S b id=2']],

    ['keeps to the batch size', () => planned({ subscriptions: many(5), unwanted: ['x', 'y', 'z'] },
      { ...v5, batchSize: 2 }), ['U x y', 'U z', 'S f/0 f/1 id=1', 'S f/2 f/3 id=2', 'S f/4 id=3']],
    ['keeps to the packet size', () => planned({ subscriptions: many(3), unwanted: ['xxxx', 'yyyy', 'zzzz'] },
      { ...v4, maximumPacketSize: 28 }), ['U xxxx yyyy zzzz', 'S f/0 f/1', 'S f/2']],
    ['denies what is too large for any packet', () => planned({ subscriptions: [wanted('x'.repeat(30)), wanted('y')] },
      { ...v4, maximumPacketSize: 28 }), [`! ${'x'.repeat(30)} PACKET_TOO_LARGE`, 'S y']],
    ['refuses a call of unsubscribe() that is too large for any packet', () => planned({
      calls: [{ filters: ['x'.repeat(30)], properties: undefined, caller: undefined },
        { filters: ['y'], properties: undefined, caller: undefined }],
    }, { ...v4, maximumPacketSize: 28 }), [`! ${'x'.repeat(30)} PACKET_TOO_LARGE`, 'U y']],
    ['denies wildcards where there are none',
      () => planned({ subscriptions: [wanted('a/#'), wanted('b')] }, { ...v5, wildcardSubscriptionAvailable: false }),
      ['! a/# NOT_SUPPORTED', 'S b id=1']],
    ['denies shared subscriptions where there are none',
      () => planned({ subscriptions: [wanted('$share/g/a')] }, { ...v5, sharedSubscriptionAvailable: false }),
      ['! $share/g/a NOT_SUPPORTED']],
    ['denies an identifier of the application where there are none', () => {
      const properties = { subscriptionIdentifier: 7 };
      return planned({ subscriptions: [wanted('a', { properties })] }, v4);
    }, ['! a NOT_SUPPORTED']],

    ['goes on with identifiers where it was', () => planned({ subscriptions: overlapping() }, v5, 41),
      ['S a/+ c id=42', 'S # id=43', 'S a/b id=44']],
    ['begins anew behind the largest identifier', () => planned({ subscriptions: overlapping() }, v5, 268_435_454),
      ['S a/+ c id=268435455', 'S # id=1', 'S a/b id=2']],
    ['takes an identifier of the application as it is, and counts none for it', () => {
      const properties = { subscriptionIdentifier: 7 };
      return planned({ subscriptions: [wanted('a', { properties }), wanted('b')] });
    }, ['S a id=7', 'S b id=1']],
  ]; // prettier-ignore

  it.each(cases)('%s', (_, plan, expected) => {
    expect(plan()).toEqual(expected);
  });

  it('has no side effects', () => {
    const subscriptions = overlapping();
    const before = structuredClone(subscriptions.map(({ state, info, identifiers }) => ({ state, info, identifiers })));
    expect(planned({ subscriptions })).toEqual(planned({ subscriptions }));
    expect(subscriptions).toMatchObject(before);
  });
});

describe('the state of a filter at the broker', () => {
  const second = (subscription: FilterSubscription): MessageSubscriber => {
    subscription.requestAgain();
    return observe(subscription);
  };

  it('stays granted when a second SUBSCRIBE is refused', () => {
    const subscription = granted('a', 1);
    const joined = second(subscription);
    const request = subscription.requested(1, 2, true);
    expect(request.observers).toEqual([joined]);
    subscription.denied(request);
    expect(subscription).toMatchObject({ state: 'subscribed', info: { status: 'active', qos: 0 } });
  });

  it('is pending when the first of two SUBSCRIBE is refused', () => {
    const subscription = wanted('a');
    const [founder] = subscription.observers;
    const first = subscription.requested(1, 1, true);
    second(subscription);
    const request = subscription.requested(1, 2, true);
    subscription.denied(first);
    if (founder !== undefined) subscription.remove(founder);
    expect(subscription.state).toBe('subscribed');
    subscription.granted(0, request);
    expect(subscription).toMatchObject({ state: 'subscribed', info: { status: 'active' } });
  });

  it('is none when both are refused', () => {
    const subscription = wanted('a');
    const requests = [subscription.requested(1, 1, true)];
    second(subscription);
    requests.push(subscription.requested(1, 2, true));
    for (const request of requests) {
      subscription.denied(request);
      for (const refused of request.observers) subscription.remove(refused);
    }
    expect(subscription).toMatchObject({ state: 'none', isObserved: false });
  });

  it('keeps the granted QoS when a higher one is refused', () => {
    const subscription = granted('a', 1);
    const greedy = observe(subscription, { qos: 2 });
    const request = subscription.requested(1, 2, true);
    expect(subscription.requestedQos).toBe(2);
    subscription.denied(request);
    subscription.remove(greedy);
    expect(subscription).toMatchObject({ requestedQos: 0, isPending: false });
  });

  it('is unconfirmed after a lost connection, and requested again even in a resumed session', () => {
    const subscription = wanted('a');
    subscription.notAnswered(subscription.requested(1, 1, true));
    subscription.connectionLost();
    subscription.sessionResumed();
    expect(subscription).toMatchObject({ state: 'unconfirmed', mayBeKnown: true, info: { status: 'lost' } });
    expect(planned({ subscriptions: [subscription] }, v5, 1)).toEqual(['S a id=2']);
  });

  it('is active again in a resumed session', () => {
    const subscription = granted('a', 1);
    subscription.connectionLost();
    expect(subscription.info).toMatchObject({ status: 'lost', qos: 0 });
    subscription.sessionResumed();
    expect(subscription).toMatchObject({ state: 'subscribed', info: { status: 'active', qos: 0 } });
  });

  it.each([
    [true, 'none'],
    [false, 'lost'],
  ] as const)('is gone with the session (resubscribe: %s), and stays so in the next', (resubscribe, state) => {
    const subscription = granted('a', 1);
    subscription.sessionLost(resubscribe);
    expect(subscription).toMatchObject({ state, identifiers: [], mayBeKnown: false });
    subscription.sessionLost(true);
    expect(subscription.state).toBe(state);
    expect(planned({ subscriptions: [subscription] }, v5, 1)).toEqual(['S a id=2']);
  });

  it('has up to 256 identifiers, the newest', () => {
    const subscription = wanted('a');
    for (let identifier = 1; identifier <= 300; identifier++) {
      subscription.granted(0, subscription.requested(1, identifier, true));
      subscription.requestAgain();
    }
    expect(subscription.identifiers).toHaveLength(256);
    expect([subscription.identifiers.at(0), subscription.identifiers.at(-1)]).toEqual([45, 300]);
  });

  it('tells a replay by the generation in which a topic was seen, without identifiers', () => {
    const subscription = granted('a');
    const [first] = subscription.observers as [MessageSubscriber];
    subscription.delivered('a', false);
    const joined = second(subscription);
    const request = subscription.requested(1, undefined, true);
    const seen = (): boolean[] => [first, joined].map((one) => one.hasSeen('a'));
    expect(seen()).toEqual([true, false]);
    // A live message does not stand for the retained one that is still to come.
    subscription.delivered('a', false);
    expect(seen()).toEqual([true, false]);
    subscription.granted(0, request);
    subscription.delivered('a', false);
    expect(seen()).toEqual([true, true]);
    subscription.sessionLost(true);
    expect(seen()).toEqual([false, false]);
  });
});
