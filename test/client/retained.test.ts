import { matches } from '../../src/index.js';
import type { Packet, ProtocolVersion } from '../../src/packet/packets.js';
import {
  connackWith,
  inVirtualTime,
  publish,
  shown,
  suback,
  type Answers,
  type World,
} from '../../marble-tests/support.js';

/** A broker that has retained messages and answers each SUBSCRIBE with those that match, as the standard says. */
class RetainingBroker {
  readonly retained = new Map<string, string>();
  readonly held: Packet[] = [];
  sessionPresent = false;
  /** Keep the answers to SUBSCRIBE until `release`. */
  hold = false;
  private readonly identifiers = new Map<string, number | undefined>();

  constructor(private readonly version: ProtocolVersion) {}

  readonly answers: Answers = {
    connect: () => connackWith({}, this.sessionPresent),
    subscribe: ({ packetId, subscriptions, properties }) => {
      const answer: Packet[] = [suback(packetId, ...subscriptions.map(({ qos }) => qos))];
      const identifier = properties?.subscriptionIdentifier;
      for (const { filter, retainHandling = 0 } of subscriptions) {
        const isNew = !this.identifiers.has(filter);
        this.identifiers.set(filter, identifier as number | undefined);
        if (retainHandling === 2 || (retainHandling === 1 && !isNew)) continue;
        for (const [topic, payload] of this.retained) {
          if (matches(filter, topic)) answer.push(this.message(topic, payload, true, identifier as number | undefined));
        }
      }
      if (!this.hold) return answer;
      this.held.push(...answer);
      return undefined;
    },
    unsubscribe: ({ packetId, filters }) => {
      for (const filter of filters) this.identifiers.delete(filter);
      return { cmd: 'unsuback', packetId, reasonCodes: filters.map(() => 0) };
    },
  };

  forget(): void {
    this.identifiers.clear();
  }

  release(world: World): void {
    this.hold = false;
    world.line.send(...this.held.splice(0));
  }

  /** A live message: one copy for all subscriptions, or a copy for each. */
  live(world: World, topic: string, payload: string, copies: 'one' | 'each' = 'one'): void {
    const hits = [...this.identifiers].filter(([filter]) => matches(filter, topic));
    const ids = hits.flatMap(([, identifier]) => identifier ?? []);
    if (copies === 'each') {
      for (const [, identifier] of hits) world.line.send(this.message(topic, payload, false, identifier));
    } else if (hits.length > 0) {
      world.line.send(this.message(topic, payload, false, ids.length > 1 ? ids : ids[0]));
    }
  }

  private message(topic: string, payload: string, retain: boolean, identifier?: number | number[]): Packet {
    const properties =
      this.version === 5 && identifier !== undefined ? { subscriptionIdentifier: identifier } : undefined;
    return publish(topic, payload, properties === undefined ? { retain } : { retain, properties });
  }
}

describe.each([4, 5] as const)('retained messages are truly cold, v%i', (protocolVersion) => {
  const story = (check: (world: World, broker: RetainingBroker) => void, session = {}): void => {
    const broker = new RetainingBroker(protocolVersion);
    broker.retained.set('a', 'R');
    inVirtualTime({ protocolVersion, answers: broker.answers, reconnect: { jitter: 'none' }, ...session }, (world) => {
      world.to(0);
      check(world, broker);
    });
  };
  const observe = (world: World, filter: string | string[] = 'a', options = {}): string[] => {
    const { log } = world.watch(world.client.subscribe(filter, options), shown);
    world.by(1);
    return log.map((row) => row);
  };
  const watch = (world: World, filter: string | string[] = 'a', options = {}) => {
    const watched = world.watch(world.client.subscribe(filter, options), (message) => shown(message));
    world.by(1);
    return { ...watched, seen: () => watched.log.map((row) => row.replace(/^\d+ /, '')) };
  };

  it('two observers, the second late: each sees it exactly once', () => {
    story((world) => {
      const one = watch(world);
      const two = watch(world);
      const three = watch(world);
      for (const { seen } of [one, two, three]) expect(seen()).toEqual(['a=R retain']);
    });
  });

  it('two observers in one tick share the one answer', () => {
    story((world) => {
      const one = world.watch(world.client.subscribe('a'), shown);
      expect(observe(world)).toEqual(['0 a=R retain']);
      expect(one.log).toEqual(['0 a=R retain']);
      expect(world.wire).toHaveLength(2);
    });
  });

  it('also when a live message came between the two', () => {
    story((world, broker) => {
      const one = watch(world);
      broker.live(world, 'a', 'L');
      const two = watch(world);
      expect(one.seen()).toEqual(['a=R retain', 'a=L']);
      expect(two.seen()).toEqual(['a=R retain']);
    });
  });

  it('also when the live message is the new retained one', () => {
    story((world, broker) => {
      const one = watch(world);
      broker.live(world, 'a', 'S');
      broker.retained.set('a', 'S');
      const two = watch(world);
      expect(one.seen()).toEqual(['a=R retain', 'a=S']);
      expect(two.seen()).toEqual(['a=S retain']);
    });
  });

  it('also when a live message comes between SUBSCRIBE of the second and its answer', () => {
    story((world, broker) => {
      const one = watch(world);
      broker.hold = true;
      const two = watch(world);
      broker.live(world, 'a', 'L');
      broker.release(world);
      expect(one.seen()).toEqual(['a=R retain', 'a=L']);
      expect(two.seen()).toEqual(['a=L', 'a=R retain']);
    });
  });

  it('also when a live message comes before the answer to the first', () => {
    story((world, broker) => {
      broker.hold = true;
      const one = watch(world);
      broker.live(world, 'a', 'L');
      broker.release(world);
      const two = watch(world);
      expect(one.seen()).toEqual(['a=L', 'a=R retain']);
      expect(two.seen()).toEqual(['a=R retain']);
    });
  });

  it('also when the second joins while SUBSCRIBE of the first is in flight', () => {
    story((world, broker) => {
      broker.hold = true;
      const one = watch(world);
      const two = watch(world);
      broker.release(world);
      expect(one.seen()).toEqual(['a=R retain']);
      expect(two.seen()).toEqual(['a=R retain']);
    });
  });

  it('also when the second raises the QoS', () => {
    story((world) => {
      const one = watch(world);
      const two = watch(world, 'a', { qos: 2 });
      expect(one.seen()).toEqual(['a=R retain']);
      expect(two.seen()).toEqual(['a=R retain']);
    });
  });

  it('also when the second comes within the linger of the first', () => {
    story((world) => {
      const one = watch(world, 'a', { linger: 500 });
      one.subscription.unsubscribe();
      expect(watch(world).seen()).toEqual(['a=R retain']);
    });
  });

  it('a topic that the first only saw live is not replayed to it', () => {
    story((world, broker) => {
      const one = watch(world, '+');
      broker.live(world, 'new', 'N');
      broker.retained.set('new', 'N');
      const two = watch(world, '+');
      expect(one.seen()).toEqual(['a=R retain', 'new=N']);
      expect(two.seen()).toEqual(['a=R retain', 'new=N retain']);
      const three = watch(world, '+');
      expect(one.seen()).toHaveLength(2);
      expect(two.seen()).toHaveLength(2);
      expect(three.seen()).toEqual(['a=R retain', 'new=N retain']);
    });
  });

  it('an observer of overlapping filters sees it once', () => {
    story((world) => {
      const both = watch(world, ['+', 'a']);
      // On 3.1.1 nothing tells the two answers apart but that the topic was seen.
      expect(both.seen()).toEqual(['a=R retain']);
    });
  });

  it('a later observer of an overlapping filter replays nothing to the first', () => {
    story((world) => {
      const one = watch(world, '+');
      const two = watch(world, 'a');
      expect(one.seen()).toEqual(['a=R retain']);
      expect(two.seen()).toEqual(['a=R retain']);
    });
  });

  it('after a reconnect with a new session both see it again, once; a later third one affects no other', () => {
    story((world, broker) => {
      const one = watch(world);
      const two = watch(world);
      broker.forget();
      world.line.peer.fail();
      world.by(1000);
      expect(one.seen()).toEqual(['a=R retain', 'a=R retain']);
      expect(two.seen()).toEqual(['a=R retain', 'a=R retain']);
      const three = watch(world);
      expect(three.seen()).toEqual(['a=R retain']);
      expect(one.seen()).toHaveLength(2);
    });
  });

  it('after a reconnect with the old session none sees it again, and a late observer sees it', () => {
    const session = protocolVersion === 5 ? { clean: false, sessionExpiry: 60 } : { clean: false };
    story((world, broker) => {
      const one = watch(world);
      broker.sessionPresent = true;
      world.line.peer.fail();
      world.by(1000);
      const two = watch(world);
      expect(one.seen()).toEqual(['a=R retain']);
      expect(two.seen()).toEqual(['a=R retain']);
    }, session);
  });

  it('is not replayed to an observer that asked for none', () => {
    story((world) => {
      const none = watch(world, 'a', { retainHandling: 2 });
      const both = watch(world, 'a', { retainHandling: 2 });
      expect([none.seen(), both.seen()]).toEqual([[], []]);
    });
  });
});

describe('[v5 MQTT-3.3.4-4] overlapping filters', () => {
  const story = (copies: 'one' | 'each', check: (world: World, live: (topic: string) => void) => void): void => {
    const broker = new RetainingBroker(5);
    inVirtualTime({ protocolVersion: 5, answers: broker.answers }, (world) => {
      world.to(0);
      check(world, (topic) => broker.live(world, topic, 'x', copies));
    });
  };

  it.each(['one', 'each'] as const)('each observer sees a message once, from a broker that sends %s', (copies) => {
    story(copies, (world, live) => {
      const logs = [['a/+'], ['a/b'], ['#', 'a/+', 'a/b']].map(
        (filters) => world.watch(world.client.subscribe(filters), shown).log,
      );
      world.by(1);
      const late = world.watch(world.client.subscribe('a/b'), shown).log;
      world.by(1);
      live('a/b');
      for (const log of [...logs, late]) expect(log).toEqual(['2 a/b=x']);
      live('a/c');
      expect(logs.map((log) => log.length)).toEqual([2, 1, 2]);
    });
  });

  it.each(['one', 'each'] as const)('and still once after observers left, from a broker that sends %s', (copies) => {
    story(copies, (world, live) => {
      const wide = world.watch(world.client.subscribe('#'), shown);
      const both = world.watch(world.client.subscribe(['a/+', '#']), shown);
      world.by(1);
      wide.subscription.unsubscribe();
      world.by(1);
      live('a/b');
      expect(both.log).toEqual(['2 a/b=x']);
    });
  });
});
