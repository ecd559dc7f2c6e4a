import { tap, type Observable } from 'rxjs';
import type { ClientOptions, ConnectionState, MqttClient } from 'rxmqtt';
import {
  CLOSE,
  connack,
  CUT,
  disconnect,
  mqttTest,
  puback,
  pubcomp,
  pubrec,
  suback,
  type MqttTest,
} from 'rxmqtt/testing';

/** The broker is scripted: it answers CONNECT and PINGREQ, and what a test adds. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

const lasting = { clean: false, sessionExpiry: 600, reconnect: { minDelay: 10, factor: 1 } } as const;
const brief = { reconnect: { minDelay: 10, factor: 1 } } as const;

/** What becomes of an Observable, in words. */
function outcomeOf(source: Observable<unknown>, of: (value: unknown) => string = () => 'ok'): string[] {
  const log: string[] = [];
  source.subscribe({
    next: (value) => log.push(of(value)),
    error: ({ name, code }: { name: string; code: string }) => log.push(`${name} ${code}`),
    complete: () => log.push('done'),
  });
  return log;
}

/** Notes what the broker gets, a line for each connection. */
function noted(t: MqttTest): string[][] {
  const connections: string[][] = [];
  const note = (text: string): void => void connections.at(-1)?.push(text);
  t.answer('connect', ({ clean }) => {
    connections.push([]);
    return connack({ sessionPresent: !clean && connections.length > 1 });
  });
  t.answer('publish', ({ topic, dup, qos, packetId }) => {
    note(`${topic} #${packetId}${dup ? ' dup' : ''}`);
    return qos === 1 ? puback(packetId) : qos === 2 ? pubrec(packetId) : undefined;
  });
  t.answer('pubrel', ({ packetId }: { readonly packetId: number }) => {
    note(`PUBREL #${packetId}`);
    return pubcomp(packetId);
  });
  t.answer('subscribe', ({ packetId, subscriptions }) => {
    note(subscriptions.map(({ filter }) => filter).join(' '));
    return suback(packetId, ...subscriptions.map(({ qos }) => qos));
  });
  t.answer('pingreq', () => {
    note('PINGREQ');
    return { cmd: 'pingresp' };
  });
  return connections;
}

describe('an orderly close', () => {
  it.each([
    [1, 'FIN', CLOSE],
    [2, 'FIN', CLOSE],
    [1, 'a cut', CUT],
    [2, 'a cut', CUT],
  ] as const)('[v5 MQTT-4.4.0-1] is no verdict: a message at QoS %i is sent again after each %s', (qos, _, move) => {
    draw((t) => {
      const connections = noted(t);
      let endings = 0;
      t.answer('publish', ({ topic, packetId, dup }) => {
        connections.at(-1)?.push(`${topic} #${packetId}${dup ? ' dup' : ''}`);
        if (endings++ < 30) return move;
        return qos === 1 ? puback(packetId) : pubrec(packetId);
      });
      const client = t.connect(lasting);
      const sent = outcomeOf(client.publish('a', 'x', { qos }));
      t.to(2000);
      expect(connections).toEqual([
        ['a #1'],
        ...Array.from({ length: 29 }, () => ['a #1 dup']),
        qos === 1 ? ['a #1 dup'] : ['a #1 dup', 'PUBREL #1'],
      ]);
      expect(sent).toEqual(['ok', 'done']);
    });
  });
});

describe('a message that a DISCONNECT blames', () => {
  /** The broker ends the connection over the topic `bad`. */
  function drawBad(reasonCode: number, test: (t: MqttTest, connections: string[][]) => void, qos: 1 | 2 = 1): void {
    draw((t) => {
      const connections = noted(t);
      t.answer('publish', ({ topic, packetId, dup }) => {
        connections.at(-1)?.push(`${topic} #${packetId}${dup ? ' dup' : ''}`);
        if (topic === 'bad') return [disconnect(reasonCode), CLOSE];
        return qos === 1 ? puback(packetId) : pubrec(packetId);
      });
      test(t, connections);
    });
  }

  it.each([1, 2] as const)('is set aside at QoS %i, alone, on connections that live without it', (qos) => {
    drawBad(
      0x83,
      (t, connections) => {
        const client = t.connect(lasting);
        const bad = outcomeOf(client.publish('bad', '', { qos }));
        const good = outcomeOf(client.publish('good', '', { qos }));
        t.to(1000);
        expect(connections).toEqual([
          // The broker reads no further.
          ['bad #1'],
          ['bad #1 dup'],
          ['PINGREQ', 'bad #1 dup'],
          ['PINGREQ', 'bad #1 dup'],
          ['PINGREQ', 'bad #1 dup'],
          ['good #2 dup', ...(qos === 2 ? ['PUBREL #2'] : [])],
        ]);
        expect([bad, good]).toEqual([['PublishError PUBLISH_REFUSED'], ['ok', 'done']]);
        expect(client.stats().dropped.poisoned).toBe(1);
      },
      qos,
    );
  });

  it.each([0x89, 0x8b, 0x8d, 0x93, 0x96, 0x97, 0x98, 0x9f, 0xa0])('is not to blame for DISCONNECT %i', (code) => {
    drawBad(code, (t, connections) => {
      const client = t.connect(lasting);
      const sent = outcomeOf(client.publish('bad', '', { qos: 1 }));
      t.to(1000);
      expect(connections.length).toBeGreaterThan(30);
      expect(new Set(connections.slice(1).flat())).toEqual(new Set(['bad #1 dup']));
      expect(sent).toEqual([]);
    });
  });

  it('is not to blame where the broker closes on everybody', () => {
    draw((t) => {
      // 5 ms after CONNACK, whatever was sent.
      for (let connection = 1; connection <= 59; connection++) {
        t.script('A 4ms D', { A: connack({ sessionPresent: connection > 1 }), D: disconnect(0x83) });
      }
      const client = t.connect(lasting);
      const sent = outcomeOf(client.publish('a', '', { qos: 1 }));
      const got = outcomeOf(client.subscribe('f'));
      t.to(1000);
      expect([sent, got]).toEqual([[], []]);
    });
  });

  it('is not to blame past PUBREC: PUBREL goes on, whatever waits', () => {
    draw((t) => {
      const connections = noted(t);
      t.answer('publish', ({ topic, packetId }) => {
        connections.at(-1)?.push(topic);
        return topic === 'first' ? undefined : topic === 'had' ? pubrec(packetId) : [disconnect(0x83), CLOSE];
      });
      t.answer('pubrel', ({ packetId }: { readonly packetId: number }) => {
        connections.at(-1)?.push(`PUBREL #${packetId}`);
        return undefined;
      });
      const client = t.connect(lasting);
      const had = outcomeOf(client.publish('had', '', { qos: 2 }));
      t.at(100, () => outcomeOf(client.publish('bad', '', { qos: 1 })));
      t.to(2000);
      // It is part of every connection, and never of what is set aside.
      expect(connections.slice(1).every((sent) => sent[0] === 'PUBREL #1')).toBe(true);
      expect(had).toEqual([]);
      expect(client.stats().dropped.poisoned).toBe(1);
    });
  });

  it('is sent again and again with quarantine: false', () => {
    drawBad(0x83, (t, connections) => {
      const client = t.connect({ ...lasting, quarantine: false });
      const sent = outcomeOf(client.publish('bad', '', { qos: 1 }));
      t.to(1000);
      expect(connections.length).toBeGreaterThan(30);
      expect(new Set(connections.slice(1).flat())).toEqual(new Set(['bad #1 dup']));
      expect(sent).toEqual([]);
    });
  });
});

describe('a filter that the broker hangs up on', () => {
  /** The broker closes the connection over filters that begin with `no`. */
  function drawForbidden(
    options: ClientOptions,
    test: (t: MqttTest, client: MqttClient, connections: string[][]) => void,
    ending: typeof CLOSE | typeof CUT = CLOSE,
  ): void {
    draw((t) => {
      const connections = noted(t);
      t.answer('subscribe', ({ packetId, subscriptions }) => {
        const filters = subscriptions.map(({ filter }) => filter);
        connections.at(-1)?.push(filters.join(' '));
        if (filters.some((filter) => filter.startsWith('no'))) return ending;
        return suback(packetId, ...subscriptions.map(({ qos }) => qos));
      });
      test(t, t.connect(options), connections);
    });
  }

  it.each([
    ['3.1.1', { ...brief, protocolVersion: 4 }],
    ['5', { ...brief, protocolVersion: 5 }],
    ['5, in a session that lasts', { ...lasting, protocolVersion: 5 }],
  ] as const)('is isolated and told to its observers as a refusal, on %s', (_, options) => {
    drawForbidden(options, (t, client, connections) => {
      const states: ConnectionState['status'][] = [];
      const [one, no, two] = [client.subscribe('one'), client.subscribe('no'), client.subscribe('two')].map((source$) =>
        outcomeOf(source$),
      );
      const sent = outcomeOf(client.publish('good', '', { qos: 1 }));
      client.state$.pipe(tap(({ status }) => states.push(status))).subscribe();
      t.to(2000);
      expect([one, no, two]).toEqual([[], ['SubscribeError SUBSCRIBE_REFUSED'], []]);
      expect(sent).toEqual(['ok', 'done']);
      expect(connections.length).toBeLessThan(8);
      expect(client.state.status).toBe('connected');
      client.subscriptions$
        .subscribe((all) =>
          expect([...all].map(([filter, { status }]) => `${filter} ${status}`).sort()).toEqual([
            'no denied',
            'one active',
            'two active',
          ]),
        )
        .unsubscribe();
    });
  });

  it('has its error say what happened', () => {
    drawForbidden(brief, (t, client) => {
      let error: unknown;
      client.subscribe('no/+').subscribe({ error: (reason: unknown) => (error = reason) });
      t.to(2000);
      expect(error).toMatchObject({ name: 'SubscribeError', filter: 'no/+', cause: { code: 'DISCONNECTED' } });
      expect(String(error)).toContain('no/+');
    });
  });

  it('is found among others, one after the other, and several of them', () => {
    drawForbidden(brief, (t, client, connections) => {
      const filters = Array.from({ length: 40 }, (_, n) => (n === 13 || n === 31 ? `no/${n}` : `yes/${n}`));
      const outcomes = filters.map((filter) => outcomeOf(client.subscribe(filter)));
      t.to(5000);
      filters.forEach((filter, n) =>
        expect([filter, outcomes[n]]).toEqual([
          filter,
          filter.startsWith('no') ? ['SubscribeError SUBSCRIBE_REFUSED'] : [],
        ]),
      );
      expect(client.state.status).toBe('connected');
      expect(connections.length).toBeLessThan(25);
    });
  });

  it('costs no message that is under way', () => {
    drawForbidden({ ...lasting }, (t, client) => {
      const got = outcomeOf(client.subscribe('yes'), (message) => (message as { text(): string }).text());
      outcomeOf(client.subscribe('no'));
      const sent = Array.from({ length: 5 }, (_, n) => outcomeOf(client.publish(`t/${n}`, '', { qos: 1 })));
      t.at(1900, () => t.publish('m', { m: ['yes', 'hello'] }));
      t.to(2000);
      expect(sent).toEqual(sent.map(() => ['ok', 'done']));
      expect(got).toEqual(['hello']);
    });
  });

  it('is not convicted by a line that breaks', () => {
    drawForbidden(
      brief,
      (t, client, connections) => {
        const no = outcomeOf(client.subscribe('no'));
        t.to(3000);
        expect(connections.length).toBeGreaterThan(20);
        expect(no).toEqual([]);
      },
      CUT,
    );
  });

  it('is not convicted by a broker that closes on everybody', () => {
    draw((t) => {
      for (let connection = 1; connection <= 59; connection++) t.script('A 4ms x', { A: connack(), x: CLOSE });
      const client = t.connect(brief);
      const no = outcomeOf(client.subscribe('f'));
      t.to(1000);
      expect(no).toEqual([]);
    });
  });

  it('holds up nothing for long when the broker does not answer it at all', () => {
    draw((t) => {
      const connections = noted(t);
      let endings = 0;
      t.answer('subscribe', () => (endings++ < 2 ? CLOSE : undefined));
      const client = t.connect(brief);
      outcomeOf(client.subscribe('f'));
      t.at(100, () => outcomeOf(client.publish('good', '', { qos: 1 })));
      t.to(10_000);
      expect(connections).toHaveLength(3);
      expect(connections.at(-1)).toEqual(['PINGREQ', 'good #4']);
    });
  });

  it('is asked for again and again with quarantine: false', () => {
    drawForbidden({ ...brief, quarantine: false }, (t, client, connections) => {
      const no = outcomeOf(client.subscribe('no'));
      t.to(1000);
      expect(connections.length).toBeGreaterThan(20);
      expect(new Set(connections.flat())).toEqual(new Set(['no']));
      expect(no).toEqual([]);
    });
  });
});

describe('a broker that takes few filters a packet', () => {
  it('gets packets of half the size after each "Quota exceeded" (0x97), and the rest of its filters', () => {
    draw((t) => {
      const connections = noted(t);
      t.answer('subscribe', ({ packetId, subscriptions }) => {
        connections.at(-1)?.push(subscriptions.map(({ filter }) => filter).join(' '));
        return subscriptions.length > 2 ? disconnect(0x97) : suback(packetId, ...subscriptions.map(() => 0));
      });
      const client = t.connect(brief);
      const outcomes = outcomeOf(client.subscribe(['a', 'b', 'c', 'd', 'e']));
      t.to(1000);
      expect(connections).toEqual([['a b c d e'], ['a b c', 'd e'], ['a b', 'c d', 'e']]);
      expect([outcomes, client.state.status]).toEqual([[], 'connected']);
    });
  });
});
