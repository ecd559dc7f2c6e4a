import { of } from 'rxjs';
import { connack, connackWith, mqttTest, publish, suback, type MqttTest } from 'rxmqtt/testing';
import type { ClientOptions, MqttClient, SubscribeOptions } from '../src/index.js';
import { memoryPair } from '../src/transport/memory.js';

/** A broker that grants everything; the identifiers of subscriptions go to `asked`. */
const draw = (test: (t: MqttTest, asked: Map<string, number>) => void): void => {
  mqttTest(
    (t) => {
      const asked = new Map<string, number>();
      t.answer('subscribe', ({ packetId, subscriptions, properties }) => {
        const identifier = properties?.subscriptionIdentifier;
        for (const { filter } of subscriptions) if (typeof identifier === 'number') asked.set(filter, identifier);
        return suback(packetId, ...subscriptions.map(({ qos }) => qos));
      });
      test(t, asked);
    },
    { broker: false },
  );
};

const collect = (client: MqttClient, filter: string, options?: SubscribeOptions): string[] => {
  const log: string[] = [];
  client.subscribe(filter, options).subscribe({
    next: (message) => log.push(`${message.topic} ${message.text()}`),
    error: ({ code }: { code: string }) => log.push(`! ${code}`),
  });
  return log;
};
const unrouted = (client: MqttClient): string[] => {
  const log: string[] = [];
  client.unrouted$.subscribe(({ topic }) => log.push(topic));
  return log;
};
/** Keeps the peer of the connection at hand. */
const peerOf = (t: MqttTest, answer = connack()) => {
  let send: (...packets: ReturnType<typeof publish>[]) => void = () => undefined;
  t.answer('connect', (_, peer) => {
    send = (...packets) => peer.send(...packets);
    return answer;
  });
  return (...packets: ReturnType<typeof publish>[]): void => send(...packets);
};
const old: ClientOptions = { protocolVersion: 4 };

describe('a subscription with a prefix of the broker', () => {
  it.each(['$queue/a/#', '$exclusive/a/1', '$q/a/+', '$share/g/a/#', '$any/a/#'])(
    '%s gets what comes under its identifier, whatever its topic',
    (filter) => {
      draw((t, asked) => {
        const send = peerOf(t);
        const client = t.connect();
        const [log, plain, lost] = [collect(client, filter, { qos: 1 }), collect(client, 'a/#'), unrouted(client)];
        const properties = () => ({ subscriptionIdentifier: asked.get(filter) ?? 0 });
        t.at(10, () => send(publish('a/1', 'x', { id: 7, properties: properties() })));
        t.at(20, () => send(publish('a/1', 'y', { properties: { subscriptionIdentifier: asked.get('a/#') ?? 0 } })));
        t.to(30);
        expect({ log, plain, lost }).toEqual({ log: ['a/1 x'], plain: ['a/1 y'], lost: [] });
        t.expectSent(client).toBe('C-(S T) 5ms A', {
          C: 'CONNECT v5 clean',
          S: /^SUBSCRIBE/,
          T: /^SUBSCRIBE/,
          A: 'PUBACK #7',
        });
      });
    },
  );

  it.each(['$queue/a/#', '$exclusive/a/1', '$q/a/+', '$share/g/a/#'])(
    '%s gets what matches without it on 3.1.1, and what matches with it',
    (filter) => {
      draw((t) => {
        const send = peerOf(t);
        const client = t.connect(old);
        const [log, lost] = [collect(client, filter, { qos: 1 }), unrouted(client)];
        t.at(10, () => send(publish('a/1', 'x', { id: 7 }), publish('b/1', 'y', { id: 8 })));
        t.at(20, () => filter.startsWith('$share') || send(publish(filter.replace(/[+#]/, '1'), 'z')));
        t.to(30);
        const withPrefix = filter.startsWith('$share') ? [] : [`${filter.replace(/[+#]/, '1')} z`];
        expect({ log, lost }).toEqual({ log: ['a/1 x', ...withPrefix], lost: ['b/1'] });
      });
    },
  );

  it('and one that the broker rewrites gets what comes under its identifier', () => {
    draw((t, asked) => {
      const send = peerOf(t);
      const client = t.connect();
      const log = collect(client, 'y/+/z');
      t.at(10, () =>
        send(publish('other/7', 'x', { properties: { subscriptionIdentifier: asked.get('y/+/z') ?? 0 } })),
      );
      t.to(20);
      expect(log).toEqual(['other/7 x']);
    });
  });

  it('is not taken for a filter of an earlier process that had its identifier', () => {
    draw((t, asked) => {
      const send = peerOf(t, connack({ sessionPresent: true }));
      const client = t.connect({ clean: false, sessionExpiry: 60, unroutedGrace: 0 });
      const [log, lost] = [collect(client, 'new/#'), unrouted(client)];
      t.at(10, () => send(publish('old/7', 'x', { properties: { subscriptionIdentifier: asked.get('new/#') ?? 0 } })));
      t.to(20);
      expect({ log, lost }).toEqual({ log: [], lost: ['old/7'] });
    });
  });

  it('sends a copy for a dropped filter to unrouted$, not into nothing', () => {
    draw((t, asked) => {
      const send = peerOf(t);
      const client = t.connect();
      const lost = unrouted(client);
      const wide = collect(client, 'a/#');
      const narrow = client.subscribe('a/+').subscribe();
      t.at(10, () => send(publish('a/1', 'x', { properties: { subscriptionIdentifier: asked.get('a/#') ?? 0 } })));
      t.at(20, () => narrow.unsubscribe());
      t.at(30, () => send(publish('a/1', 'y', { properties: { subscriptionIdentifier: asked.get('a/+') ?? 0 } })));
      t.to(40);
      expect({ wide, lost }).toEqual({ wide: ['a/1 x'], lost: ['a/1'] });
    });
  });
});

describe.each([
  ['3.1.1', old],
  ['5', {}],
  ['5 without identifiers', { properties: {} }],
] as const)('RETAIN on live messages, version %s', (name, options) => {
  const isPlain = name.includes('without');
  const accept = isPlain ? connackWith({ subscriptionIdentifiersAvailable: false }) : connack();
  /** What this broker sends for filters: with identifiers where there are any. */
  const retained = (asked: Map<string, number>, topic: string, text: string) => {
    const identifier = asked.get('a/+');
    return publish(topic, text, {
      retain: true,
      properties: identifier === undefined ? undefined : { subscriptionIdentifier: identifier },
    } as Parameters<typeof publish>[2]);
  };

  it('reaches a single observer, each message of it', () => {
    draw((t, asked) => {
      const send = peerOf(t, accept);
      const client = t.connect(options);
      const [log, lost] = [collect(client, 'a/+'), unrouted(client)];
      for (const [at, text] of [
        [10, '1'],
        [11, '2'],
        [12, '3'],
        [60_000, '4'],
        [60_001, '5'],
      ] as const) {
        t.at(at, () => send(retained(asked, 'a/1', text)));
      }
      t.to(60_010);
      expect({ log, lost }).toEqual({ log: ['a/1 1', 'a/1 2', 'a/1 3', 'a/1 4', 'a/1 5'], lost: [] });
    });
  });

  it('reaches all observers, but for the one replay that a later one causes', () => {
    draw((t, asked) => {
      const send = peerOf(t, accept);
      const client = t.connect(options);
      const first = collect(client, 'a/+');
      t.at(10, () => send(retained(asked, 'a/1', 'kept')));
      let second: string[] = [];
      t.at(20, () => (second = collect(client, 'a/+')));
      t.at(30, () => send(retained(asked, 'a/1', 'kept')));
      t.at(31, () => send(retained(asked, 'a/1', 'live')));
      t.at(32, () => send(retained(asked, 'a/2', 'live'), retained(asked, 'a/2', 'more')));
      t.to(40);
      expect(second).toEqual(['a/1 kept', 'a/1 live', 'a/2 live', 'a/2 more']);
      if (options === old || isPlain) expect(first).toEqual(['a/1 kept', 'a/1 live', 'a/2 live', 'a/2 more']);
      // With identifiers, the first message of a topic after SUBSCRIBE is its replay, for the observer that asked.
      else expect(first).toEqual(['a/1 kept', 'a/1 live', 'a/2 more']);
    });
  });

  it('is no replay long after the last SUBSCRIBE was answered', () => {
    draw((t, asked) => {
      const send = peerOf(t, accept);
      const client = t.connect(options);
      const first = collect(client, 'a/+');
      t.at(10, () => send(retained(asked, 'a/1', 'one')));
      let second: string[] = [];
      t.at(20, () => (second = collect(client, 'a/+')));
      t.at(30_000, () => send(retained(asked, 'a/1', 'two')));
      t.to(30_010);
      expect(second).toEqual(['a/1 two']);
      if (options === old || isPlain) expect(first).toEqual(['a/1 one', 'a/1 two']);
    });
  });

  it('reaches an observer that wants no replays', () => {
    draw((t, asked) => {
      const send = peerOf(t, accept);
      const client = t.connect(options);
      const log = collect(client, 'a/+', { retainHandling: 2 });
      t.at(10, () => send(retained(asked, 'a/1', 'kept'), retained(asked, 'a/1', 'live')));
      t.to(20);
      // A 3.1.1 broker does not know the option, so that its first message may be the replay.
      expect(log).toEqual(options === old ? ['a/1 live'] : ['a/1 kept', 'a/1 live']);
    });
  });
});

it('overlapping filters see each retained message once, and what follows', () => {
  draw((t) => {
    const send = peerOf(t);
    const client = t.connect(old);
    const [wide, narrow] = [collect(client, 'a/#'), collect(client, 'a/+')];
    const kept = publish('a/1', 'kept', { retain: true });
    t.at(10, () => send(kept, kept));
    t.at(20, () => send(publish('a/1', 'live', { retain: true })));
    t.to(30);
    expect({ wide, narrow }).toEqual({ wide: ['a/1 kept', 'a/1 live'], narrow: ['a/1 kept', 'a/1 live'] });
  });
});

describe('what the broker can do is what it says', () => {
  it.each([3, 4] as const)('version %i: a shared subscription is sent, and the broker decides', (protocolVersion) => {
    draw((t) => {
      const client = t.connect({ protocolVersion });
      const log = collect(client, '$share/g/a');
      t.to(10);
      expect(log).toEqual([]);
      t.expectSent(client).toBe('C-S', { C: /^CONNECT/, S: 'SUBSCRIBE #1 $share/g/a:0' });
    });
  });

  it('a 3.1.1 broker that has no shared subscriptions refuses, and its refusal counts', () => {
    draw((t) => {
      t.answer('subscribe', ({ packetId }) => suback(packetId, 0x80));
      const log = collect(t.connect(old), '$share/g/a');
      t.to(10);
      expect(log).toEqual(['! SUBSCRIBE_REFUSED']);
    });
  });

  it('an MQTT 5 broker that says it has none is not asked', () => {
    draw((t) => {
      t.answer('connect', () => connackWith({ sharedSubscriptionAvailable: false }));
      const client = t.connect();
      const log = collect(client, '$share/g/a');
      t.to(10);
      expect(log).toEqual(['! NOT_SUPPORTED']);
      t.expectSent(client).toBe('C 9ms', { C: /^CONNECT/ });
    });
  });

  it.each([{ noLocal: true }, { retainAsPublished: true }])('%j on a chosen 3.1.1 is a typed error', (option) => {
    draw((t) => {
      const client = t.connect(old);
      const log = collect(client, 'a', option);
      t.to(10);
      expect(log).toEqual(['! NOT_SUPPORTED']);
      t.expectSent(client).toBe('C 9ms', { C: /^CONNECT/ });
    });
  });

  it.each([{ noLocal: true }, { retainAsPublished: true }])('%j after a fall-back is a word on faults$', (option) => {
    draw((t) => {
      t.answer('connect', ({ protocolVersion }) => connack({ reasonCode: protocolVersion === 5 ? 0x84 : 0 }));
      const client = t.connect();
      const faults: string[] = [];
      client.faults$.subscribe(({ code, message }) => faults.push(`${code} ${message}`));
      const log = collect(client, 'a', option);
      t.to(10);
      expect(log).toEqual([]);
      expect(faults).toEqual([
        expect.stringMatching(/^NOT_SUPPORTED .*"a".*MQTT 3.1.1 has no (noLocal|retainAsPublished)/),
      ]);
      t.expectSent(client).toBe('C-D-S', { C: 'CONNECT v5 clean', D: 'CONNECT v4 clean', S: 'SUBSCRIBE #1 a:0' });
    });
  });

  it('Maximum QoS 2 means no limit', () => {
    draw((t) => {
      const { client } = raw(t, '20050000022402');
      client.publish('a', '', { qos: 2 }).subscribe();
      t.to(10);
      expect(client.state).toMatchObject({ status: 'connected', negotiated: { maximumQoS: 2 } });
      expect(client.stats().inFlight.messages).toBe(1);
    });
  });
});

/** A client of a broker that answers its first packet with these bytes; what it sent, in hexadecimal. */
function raw(t: MqttTest, answer: string): { client: MqttClient; sent: string[] } {
  const [mine, theirs] = memoryPair();
  const client = t.connect({ transport: () => of(mine), reconnect: false });
  const sent: string[] = [];
  theirs.incoming$.subscribe((chunk) => {
    sent.push(Buffer.from(chunk).toString('hex'));
    if (sent.length > 1) return;
    theirs.out.append(Uint8Array.from(Buffer.from(answer, 'hex')));
    theirs.commit();
  });
  return { client, sent };
}

it('an empty Response Topic is a protocol error', () => {
  draw((t) => {
    const { client, sent } = raw(t, '2003000000320a00016100070308000078');
    t.to(10);
    expect(sent[1]).toMatch(/^e00.82/);
    expect(client.state).toMatchObject({ status: 'ended', reason: { code: 'PROTOCOL', reasonCode: 0x82 } });
  });
});
