import {
  asapScheduler,
  concatMap,
  config,
  from,
  map,
  type Observable,
  type Observer,
  Subject,
  Subscription,
  switchMap,
  take,
} from 'rxjs';
import type { PublishReceipt, QoS } from '../../src/index.js';
import { inVirtualTime, puback, type Answers, type World } from '../../marble-tests/support.js';
import type { Packet } from '../../src/packet/packets.js';
import { granted } from './connected.js';

/** Acknowledges on the next tick, so that an exchange is open when `subscribe()` returns. */
const acknowledging: Answers = {
  ...granted,
  publish: ({ qos, packetId }, line) => {
    if (qos === 0) return undefined;
    const answer: Packet = qos === 1 ? puback(packetId) : { cmd: 'pubrec', packetId, reasonCode: 0 };
    asapScheduler.schedule(() => line.send(answer));
    return undefined;
  },
  pubrel: ({ packetId }) => ({ cmd: 'pubcomp', packetId, reasonCode: 0 }),
};

const QOS: readonly QoS[] = [0, 1, 2];

/** The PUBLISH packets of the wire, by topic and QoS. */
const published = (world: World): string[] =>
  world.wire
    .filter((packet) => packet.includes(' PUBLISH '))
    .map((packet) => packet.replace(/^.*PUBLISH (#\d+ )?(\S+) .*(q\d).*$/, '$2 $3'));

function scene(line: 'online' | 'offline', answers: Answers, check: (world: World, settle: () => void) => void): void {
  inVirtualTime({ answers, dial: { delay: 100 } }, (world) => {
    if (line === 'online') world.to(100);
    check(world, () => world.to(200));
  });
}

/** What an observer was told, by name. */
function observer(log: string[]): Observer<PublishReceipt> {
  return {
    next: ({ qos }) => log.push(`next ${qos}`),
    error: (error: Error) => log.push(error.name),
    complete: () => log.push('complete'),
  };
}

type Way = (publish$: Observable<PublishReceipt>, to: Observer<PublishReceipt>) => Subscription;

const WAYS: readonly [string, Way][] = [
  ['an observer', (publish$, to) => publish$.subscribe(to)],
  ['three functions', (publish$, to) => publish$.subscribe(to.next, to.error, to.complete)],
  ['an operator', (publish$, to) => publish$.pipe(map((receipt) => receipt)).subscribe(to)],
  [
    'a Subject',
    (publish$, to) => {
      const subject = new Subject<PublishReceipt>();
      subject.subscribe(to);
      return publish$.subscribe(subject);
    },
  ],
];

describe.each(['online', 'offline'] as const)('publish(), %s', (line) => {
  describe.each(QOS)('at QoS %i', (qos) => {
    it.each(WAYS)('sends nothing before %s subscribes, then emits one receipt and completes', (_, subscribe) => {
      scene(line, acknowledging, (world, settle) => {
        const log: string[] = [];
        const publish$ = world.client.publish('a', '', { qos });
        world.by(0);
        expect(published(world)).toEqual([]);
        const subscription = subscribe(publish$, observer(log));
        let torn = 0;
        subscription.add(() => torn++);
        settle();
        expect([log, subscription.closed, torn]).toEqual([[`next ${qos}`, 'complete'], true, 1]);
        expect(published(world)).toEqual([`a q${qos}`]);
      });
    });

    it('sends a message for each subscription, in the order of subscribing', () => {
      scene(line, acknowledging, (world, settle) => {
        const log: string[] = [];
        const again$ = world.client.publish('b', '', { qos });
        world.fire(again$);
        world.fire(world.client.publish('a', '', { qos }));
        again$.subscribe(observer(log));
        settle();
        expect(published(world)).toEqual([`b q${qos}`, `a q${qos}`, `b q${qos}`]);
        expect(log).toEqual([`next ${qos}`, 'complete']);
      });
    });

    it('take(1) completes with the receipt', () => {
      scene(line, acknowledging, (world, settle) => {
        const log: string[] = [];
        world.client.publish('a', '', { qos }).pipe(take(1)).subscribe(observer(log));
        settle();
        expect([log, published(world)]).toEqual([[`next ${qos}`, 'complete'], [`a q${qos}`]]);
        expect(world.client.stats().inFlight.messages).toBe(0);
      });
    });

    it('unsubscribing inside next suppresses complete, and the exchange is over', () => {
      scene(line, acknowledging, (world, settle) => {
        const log: string[] = [];
        const all = new Subscription();
        all.add(
          world.client.publish('a', '', { qos }).subscribe({
            next: () => {
              log.push('next');
              all.unsubscribe();
            },
            complete: () => log.push('complete'),
          }),
        );
        settle();
        // At QoS 0 the receipt comes while subscribe() runs, when there is nothing to unsubscribe from yet.
        expect(log).toEqual(qos === 0 && line === 'online' ? ['next', 'complete'] : ['next']);
        expect(world.client.stats().inFlight.messages).toBe(0);
      });
    });

    it('switchMap drops a waiting message, and a handshake under way runs to its end', () => {
      scene(line, granted, (world, settle) => {
        const log: string[] = [];
        from(['a', 'b', 'c'])
          .pipe(switchMap((topic) => world.client.publish(topic, '', { qos })))
          .subscribe(observer(log));
        settle();
        const all = ['a', 'b', 'c'].map((topic) => `${topic} q${qos}`);
        expect(published(world)).toEqual(line === 'offline' ? [`c q${qos}`] : all);
        const open = qos === 0 ? 0 : line === 'offline' ? 1 : 3;
        expect(world.client.stats().inFlight.messages).toBe(open);
      });
    });

    it('concatMap publishes the next one inside the completion of the last', () => {
      scene(line, acknowledging, (world, settle) => {
        const log: string[] = [];
        from(['a', 'b'])
          .pipe(concatMap((topic) => world.client.publish(topic, '', { qos })))
          .subscribe(observer(log));
        settle();
        expect(published(world)).toEqual([`a q${qos}`, `b q${qos}`]);
        expect(log).toEqual([`next ${qos}`, `next ${qos}`, 'complete']);
      });
    });

    it('is sent after subscriptions of the same tick', () => {
      scene(line, acknowledging, (world, settle) => {
        world.client.subscribe('a').subscribe();
        world.fire(world.client.publish('a', '', { qos }));
        settle();
        const commands = world.wire.map((packet) => packet.split(' ')[1]);
        expect(commands.indexOf('SUBSCRIBE')).toBeLessThan(commands.indexOf('PUBLISH'));
        expect(commands.indexOf('SUBSCRIBE')).toBeGreaterThan(0);
      });
    });

    it('wakes a lazy client for as long as it is under way', () => {
      inVirtualTime({ answers: acknowledging, lazy: true, linger: 10 }, (world) => {
        const log: string[] = [];
        world.client.publish('a', '', { qos }).subscribe(observer(log));
        world.by(5);
        expect([log, world.client.state.status]).toEqual([[`next ${qos}`, 'complete'], 'connected']);
        world.by(10);
        expect(world.client.state.status).toBe('idle');
      });
    });

    it('emits nothing once it is unsubscribed from', () => {
      scene(line, acknowledging, (world, settle) => {
        const log: string[] = [];
        const subscription = world.client.publish('a', '', { qos }).subscribe(observer(log));
        const atOnce = [...log];
        subscription.unsubscribe();
        settle();
        expect(log).toEqual(atOnce);
        expect(published(world)).toEqual(line === 'offline' ? [] : [`a q${qos}`]);
        expect(world.client.stats()).toMatchObject({ inFlight: { messages: 0 }, outbox: { messages: 0 } });
      });
    });
  });

  it('errors alone for what cannot be sent, and when the client has ended', () => {
    scene(line, acknowledging, (world, settle) => {
      const log: string[] = [];
      world.client.publish('#', '').subscribe(observer(log));
      world.client.publish('', '').subscribe(observer(log));
      settle();
      expect(log).toEqual(['PublishError', 'PublishError']);
      void world.client.end();
      world.by(1);
      world.client.publish('a', '').subscribe(observer(log));
      expect(log).toEqual(['PublishError', 'PublishError', 'ClosedError']);
      expect(published(world)).toEqual([]);
    });
  });

  it('reports errors that an observer throws or does not handle, as RxJS does', () => {
    scene(line, acknowledging, (world, settle) => {
      const reported: unknown[] = [];
      config.onUnhandledError = (error) => reported.push(error);
      try {
        const fails = (what: string) => () => {
          throw new Error(what);
        };
        const log: string[] = [];
        const { client } = world;
        client.publish('a', '').subscribe({ next: fails('next'), complete: () => log.push('complete') });
        client.publish('a', '').subscribe({ complete: fails('complete') });
        client.publish('a', '').subscribe(fails('function'));
        client.publish('#', '').subscribe({ error: fails('error') });
        client.publish('#', '').subscribe();
        settle();
        world.by(1);
        expect(log).toEqual(['complete']);
        expect(world.client.state.status).toBe('connected');
      } finally {
        config.onUnhandledError = null;
      }
      const told = reported.map((error) => (error as Error).message.split(':')[0]).sort();
      expect(told).toEqual(['complete', 'error', 'function', 'next', 'publish to "#" failed']);
    });
  });
});
