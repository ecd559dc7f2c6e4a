import { NEVER, Subject, Subscriber, Subscription } from 'rxjs';
import { connack, inVirtualTime, publish, shown, suback, unsuback } from '../../marble-tests/support.js';
import { PacketIds } from '../../src/session/packet-ids.js';
import type { PublishPacket } from '../../src/packet/publish-packet.js';
import { FilterSubscription, MessageSubscriber } from '../../src/subscription/filter-subscription.js';
import { SubscriptionRegistry, type RegistryOptions } from '../../src/subscription/registry.js';
import { Requests, type SubscribePort } from '../../src/subscription/requests.js';
import { Router } from '../../src/subscription/router.js';
import type { SubscriptionInfo } from '../../src/subscription/subscription-info.js';
import type { SubscriptionRequest } from '../../src/subscription/subscription-request.js';
import { connected } from '../client/connected.js';
import { plainRequest } from './plain-request.js';

interface Observed {
  readonly log: string[];
  readonly subscriber: Subscriber<PublishPacket>;
}

/** A registry, and a broker that answers when it is told to. */
class World {
  readonly sent: string[] = [];
  private readonly packetIds = new Map<string, number>();
  readonly ids = new PacketIds();
  readonly freed$ = new Subject<void>();
  readonly registry: SubscriptionRegistry;
  view: ReadonlyMap<string, SubscriptionInfo> = new Map();
  private connection = Subscription.EMPTY;
  readonly port: SubscribePort = {
    limits: {
      protocolVersion: 5,
      maximumPacketSize: Infinity,
      wildcardSubscriptionAvailable: true,
      sharedSubscriptionAvailable: true,
      subscriptionIdentifiersAvailable: true,
    },
    send: (packet) => {
      const filters = packet.cmd === 'subscribe' ? packet.subscriptions.map(({ filter }) => filter) : packet.filters;
      const row = `${packet.cmd} ${filters.join(' ')}`;
      this.sent.push(row);
      this.packetIds.set(row, packet.packetId);
    },
  };

  constructor(options: Partial<RegistryOptions> = {}) {
    this.registry = new SubscriptionRegistry(new Router(), this.ids, {
      batchSize: Infinity,
      resubscribe: true,
      rejectOffline: false,
      freed$: this.freed$,
      ...options,
    });
    this.registry.view.subscriptions$.subscribe((view) => (this.view = view));
  }

  observe(filter: string | readonly string[], request: Partial<SubscriptionRequest> = {}): Observed {
    const log: string[] = [];
    const subscriber = new Subscriber<PublishPacket>({
      next: (message: PublishPacket) => log.push(message.text()),
      error: ({ code }: { code: string }) => log.push(`! ${code}`),
      complete: () => log.push('done'),
    });
    const filters = typeof filter === 'string' ? [filter] : filter;
    this.registry.attach(subscriber, filters, { ...plainRequest, ...request });
    return { log, subscriber };
  }

  unsubscribe(...filters: string[]) {
    const log: string[] = [];
    const subscription = this.registry.unsubscribe(filters, undefined).subscribe({
      next: (codes) => log.push(codes.join()),
      error: ({ code }: { code: string }) => log.push(`! ${code}`),
    });
    return { log, subscription };
  }

  connect(sessionPresent = false): void {
    this.connection = this.registry.restore(this.port, sessionPresent).subscribe();
  }

  cut(): void {
    this.connection.unsubscribe();
  }

  /** Answers the last packet that was shown like this. */
  answer(row: string, ...reasonCodes: number[]): void {
    const packetId = this.packetIds.get(row) ?? 0;
    if (row.startsWith('subscribe')) this.registry.subscribed(suback(packetId, ...reasonCodes));
    else this.registry.unsubscribed(unsuback(packetId, ...reasonCodes));
  }

  take(): string[] {
    return this.sent.splice(0);
  }
}

describe('the registry', () => {
  it('holds requests until a packet identifier is free', () => {
    const world = new World({ batchSize: 1 });
    world.connect();
    while (world.ids.size < 65534) world.ids.take();
    world.observe('a');
    world.observe('b');
    const { log } = world.unsubscribe('c');
    world.registry.flush();
    expect(world.take()).toEqual(['unsubscribe c']);
    world.answer('unsubscribe c', 0);
    expect(log).toEqual(['0']);
    expect(world.take()).toEqual(['subscribe a']);
    world.ids.release(7);
    world.freed$.next();
    expect(world.take()).toEqual(['subscribe b']);
  });

  it('ignores a refusal of a filter that is gone', () => {
    const world = new World();
    world.connect();
    const gone = world.observe('a');
    world.registry.flush();
    gone.subscriber.unsubscribe();
    world.registry.flush();
    expect(world.take()).toEqual(['subscribe a', 'unsubscribe a']);
    world.answer('subscribe a', 0x87);
    expect([...world.view]).toEqual([]);
    const again = world.observe('a');
    world.registry.flush();
    expect([world.take(), again.log]).toEqual([['subscribe a'], []]);
  });

  it('can refuse offline requests and those that the connection did not answer', () => {
    const world = new World({ rejectOffline: true });
    expect(() => world.observe('early')).toThrow('the client is not connected');
    world.connect();
    const asked = world.observe('a');
    const { log } = world.unsubscribe('b');
    world.registry.flush();
    world.cut();
    expect([asked.log, log]).toEqual([['! CONNECTION_LOST'], ['! CONNECTION_LOST']]);
    world.take();
    world.connect(true);
    expect(world.take()).toEqual(['unsubscribe b a']);
  });

  it('subscribes again to a filter whose UNSUBSCRIBE is sent after its SUBSCRIBE', () => {
    const world = new World();
    world.connect();
    world.observe('a');
    world.registry.flush();
    world.answer('subscribe a', 0);
    const leaving = world.unsubscribe('a');
    world.observe('a');
    world.registry.flush();
    // A broker that answers out of turn, and a line that breaks behind the first answer.
    world.answer('subscribe a', 0);
    world.cut();
    world.take();
    world.connect(true);
    world.registry.flush();
    expect(world.take()).toEqual(['unsubscribe a', 'subscribe a']);
    expect(leaving.log).toEqual([]);
  });

  it('sends one packet at a time, and sends once what it plans while one is answered', () => {
    const world = new World({ batchSize: 1 });
    const { port } = world;
    const answering: SubscribePort = {
      limits: port.limits,
      send(packet) {
        port.send(packet);
        if (packet.cmd !== 'subscribe') return;
        if (packet.subscriptions[0]?.filter === 'a') world.observe('c');
        world.registry.subscribed(suback(packet.packetId, 0));
      },
    };
    world.observe('a');
    world.observe('b');
    world.registry.restore(answering, false).subscribe();
    expect(world.take()).toEqual(['subscribe a', 'subscribe b', 'subscribe c']);
  });
});

describe('filters that the broker cannot serve', () => {
  it('are all denied, even when the first to hear of it makes the client send', () => {
    const world = new World();
    Object.assign(world.port.limits, { wildcardSubscriptionAvailable: false });
    world.connect();
    const first = world.observe('a/#');
    first.subscriber.add(() => world.registry.flush());
    const second = world.observe('b/#');
    world.observe('c');
    world.registry.flush();
    expect([first.log, second.log, world.take()]).toEqual([['! NOT_SUPPORTED'], ['! NOT_SUPPORTED'], ['subscribe c']]);
  });
});

describe('unsubscribe() of an observed filter', () => {
  it('delivers to its observers until it is answered', () => {
    connected(
      (world) => {
        const { log } = world.watch(world.client.subscribe('a'), shown);
        world.by(1);
        world.line.send(suback(1, 0));
        const { log: codes } = world.watch(world.client.unsubscribe('a'));
        world.by(1);
        world.line.send(publish('a', 'on its way'), unsuback(2, 0), publish('a', 'too late'));
        expect([log, codes]).toEqual([
          ['2 a=on its way', '2 done'],
          ['2 0', '2 done'],
        ]);
        expect(world.client.stats().dropped.unrouted).toBe(1);
      },
      { unsubscribe: () => undefined },
    );
  });

  it('does not affect observers that join after it', () => {
    connected(
      (world) => {
        const before = world.watch(world.client.subscribe('a'), shown);
        world.by(1);
        world.line.send(suback(1, 0));
        world.fire(world.client.unsubscribe('a'));
        const behind = world.watch(world.client.subscribe('a'), shown);
        world.by(1);
        world.line.send(publish('a', 'old', { properties: { subscriptionIdentifier: 1 } }));
        world.line.send(unsuback(2, 0), suback(3, 0));
        world.line.send(publish('a', 'new', { properties: { subscriptionIdentifier: 2 } }));
        expect(before.log).toEqual(['2 a=old', '2 done']);
        expect(behind.log).toEqual(['2 a=new']);
        expect(world.client.state.status).toBe('connected');
      },
      { subscribe: () => undefined, unsubscribe: () => undefined },
    );
  });

  it('also completes them when it is canceled, and when nothing was requested yet', () => {
    const world = new World();
    world.connect();
    const [known, fresh] = [world.observe('known'), world.observe(['fresh'])];
    world.registry.flush();
    world.answer('subscribe known fresh', 0, 0);
    world.take();
    const unasked = world.observe('unasked');
    world.unsubscribe('known', 'unasked', 'foreign').subscription.unsubscribe();
    expect([known.log, unasked.log]).toEqual([[], ['done']]);
    world.registry.flush();
    expect(world.take()).toEqual(['unsubscribe known']);
    world.answer('unsubscribe known', 0);
    expect([known.log, fresh.log]).toEqual([['done'], []]);
  });

  it('completes them after a lost connection: with the answer in a resumed session, at once in a new one', () => {
    const world = new World();
    world.connect();
    const kept = world.observe('kept');
    world.registry.flush();
    world.answer('subscribe kept', 0);
    const { subscription } = world.unsubscribe('kept');
    world.registry.flush();
    subscription.unsubscribe();
    world.cut();
    world.take();
    world.connect(true);
    expect([world.take(), kept.log]).toEqual([['unsubscribe kept'], []]);
    world.cut();
    world.connect(false);
    expect([world.take(), kept.log]).toEqual([[], ['done']]);
  });

  it('ignores observers that left before the answer, and is sent once', () => {
    const world = new World();
    world.connect();
    const one = world.observe('a');
    world.registry.flush();
    world.answer('subscribe a', 0);
    world.unsubscribe('a');
    world.registry.flush();
    one.subscriber.unsubscribe();
    world.registry.flush();
    expect(world.take()).toEqual(['subscribe a', 'unsubscribe a']);
    world.answer('unsubscribe a', 0);
    expect([world.take(), one.log]).toEqual([[], []]);
  });

  it('that is too large for the broker is still sent for the observed filters', () => {
    const world = new World();
    Object.assign(world.port.limits, { maximumPacketSize: 40 });
    world.connect();
    const observed = world.observe('a');
    world.registry.flush();
    world.answer('subscribe a', 0);
    world.take();
    const { log } = world.unsubscribe('a', 'x'.repeat(40));
    world.registry.flush();
    world.registry.flush();
    expect([log, world.take()]).toEqual([['! PACKET_TOO_LARGE'], ['unsubscribe a']]);
    world.answer('unsubscribe a', 0);
    expect(observed.log).toEqual(['done']);
  });

  it('completes them when the client ends before the answer', () => {
    const world = new World();
    world.connect();
    const observed = world.observe('a');
    world.unsubscribe('a');
    world.registry.flush();
    world.registry.close(undefined);
    expect(observed.log).toEqual(['done']);
  });
});

describe('linger', () => {
  it.each([
    ['keeps the subscription over a short cut', true, 500, []],
    ['does not ask for it again in a new session', false, 500, []],
    ['ends without a connection, and the broker is told at the next', true, 50, ['UNSUBSCRIBE a']],
    ['ends without a connection, and a new session knows nothing of it', false, 50, []],
  ] as const)('%s', (_, present, linger, expected) => {
    let connects = 0;
    inVirtualTime(
      {
        clean: false,
        sessionExpiry: 60,
        reconnect: { jitter: 'none', minDelay: 100 },
        answers: {
          connect: () => connack({ sessionPresent: connects++ > 0 && present }),
          subscribe: ({ packetId }) => suback(packetId, 0),
        },
      },
      (world) => {
        const { subscription } = world.watch(world.client.subscribe('a', { linger }));
        world.to(10);
        subscription.unsubscribe();
        world.line.peer.fail();
        world.take();
        world.by(200);
        expect(world.take().map((row) => row.replace(/^\d+ | #\d+/g, ''))).toEqual(['CONNECT v5', ...expected]);
      },
    );
  });
});

describe('requests', () => {
  interface Asking {
    readonly requests: Requests;
    readonly log: string[];
    /** Another observer of the filter makes it be requested; `ackTimeout` is its own limit. */
    ask(name: string, ackTimeout?: number): void;
  }

  /** One filter, alone in each packet; the client's limit is 100 ms. */
  function asking(sent: string[] = []): Asking {
    const port: SubscribePort = { ...new World().port, send: ({ cmd, packetId }) => sent.push(`${cmd} #${packetId}`) };
    const requests = new Requests(
      new PacketIds(),
      { batchSize: Infinity, freed$: NEVER, ackTimeout: 100 },
      () => undefined,
    );
    const suspect = new FilterSubscription('suspect', plainRequest, 0);
    const log: string[] = [];
    return {
      requests,
      log,
      ask(name, ackTimeout) {
        const subscriber = new Subscriber<PublishPacket>({
          next: () => undefined,
          error: ({ code }: { code: string }) => log.push(`${name} ${code}`),
          complete: () => undefined,
        });
        if (suspect.isObserved) suspect.requestAgain();
        suspect.add(new MessageSubscriber(suspect, subscriber, { ...plainRequest, ackTimeout }, () => undefined));
        const packetId = requests.takeId();
        requests.subscribe(port, packetId, [suspect], packetId);
      },
    };
  }

  it('keep a deadline for each observer of one filter', () => {
    const sent: string[] = [];
    inVirtualTime({ lazy: true }, (world) => {
      const { ask, log } = asking(sent);
      ask('first');
      world.to(60);
      ask('second');
      ask('patient', 200);
      expect(sent).toEqual(['subscribe #1', 'subscribe #2', 'subscribe #3']);
      const seen = [99, 100, 159, 160, 259, 260].map((moment) => {
        world.to(moment);
        return log.splice(0).join();
      });
      expect(seen).toEqual(['', 'first TIMEOUT', '', 'second TIMEOUT', '', 'patient TIMEOUT']);
    });
  });

  it('have no deadline once they are answered, or their connection is lost', () => {
    inVirtualTime({ lazy: true }, (world) => {
      const { requests, ask, log } = asking();
      ask('answered');
      ask('lost', 50);
      requests.subscribed(suback(1, 0));
      expect(requests.drain().requested.flatMap(({ observers }) => observers)).toHaveLength(1);
      world.to(300);
      expect(log).toEqual([]);
    });
  });
});
