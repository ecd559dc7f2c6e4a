import { map } from 'rxjs';
import type { Packet } from 'rxmqtt';
import { connack, mqttTest } from 'rxmqtt/testing';
import { connackWith, inVirtualTime, publish, pubrel, shown, suback, table, type World } from './support.js';

/** Two subscribers would hide a message that comes twice; one shows it. */
const observe = (world: World): string[] => world.watch(world.client.messages$, shown).log;

describe.each([4, 5] as const)('messages that come in, v%i', (protocolVersion) => {
  const C = protocolVersion === 5 ? 'CONNECT v5 clean' : 'CONNECT v4 clean';

  /** What the broker sends from its CONNACK on, what the client puts on the wire, and what an observer sees. */
  const draw = (
    { broker, sent, seen }: { readonly broker: string; readonly sent: string; readonly seen: string },
    packets: Readonly<Record<string, Packet>>,
    answers: Readonly<Record<string, string>>,
  ): void =>
    void mqttTest(
      (t) => {
        t.script(broker, { A: connack(), ...packets });
        const client = t.connect({ protocolVersion });
        t.expectObservable(client.messages$.pipe(map((m) => m.text()))).toBe(seen);
        t.expectSent(client).toBe(sent, { C, ...answers });
      },
      { broker: false },
    );

  it('answers QoS 0 with nothing, QoS 1 with PUBACK, QoS 2 with PUBREC and PUBCOMP', () => {
    draw(
      {
        broker: ' A 9ms 0 9ms 1 9ms 2 9ms l',
        sent: '   C    21ms   a 9ms r 9ms c',
        seen: '   12ms 0 9ms  1 9ms 2 9ms -',
      },
      {
        0: publish('a', '0'),
        1: publish('a', '1', { id: 7 }),
        2: publish('a', '2', { qos: 2, id: 7 }),
        l: pubrel(7),
      },
      { a: 'PUBACK #7', r: 'PUBREC #7', c: 'PUBCOMP #7' },
    );
  });

  it('[MQTT-4.3.3-10] delivers a QoS 2 message once, however often it comes before PUBREL', () => {
    draw(
      {
        broker: ' A---2---d---2---l',
        sent: '   C-----r---r---r---c',
        seen: '   ------2------------',
      },
      { 2: publish('a', '2', { qos: 2, id: 7 }), d: publish('a', '2', { qos: 2, id: 7, dup: true }), l: pubrel(7) },
      { r: 'PUBREC #7', c: 'PUBCOMP #7' },
    );
  });

  it('[MQTT-4.3.3-12] takes the identifier for a new message after PUBREL', () => {
    draw(
      {
        broker: ' A---1---l---2',
        sent: '   C-----r---c---r',
        seen: '   ------1-------2',
      },
      { 1: publish('a', '1', { qos: 2, id: 7 }), l: pubrel(7), 2: publish('a', '2', { qos: 2, id: 7 }) },
      { r: 'PUBREC #7', c: 'PUBCOMP #7' },
    );
  });

  it('delivers QoS 1 as often as it comes, DUP or not', () => {
    draw(
      {
        broker: ' A---1---d',
        sent: '   C-----a---a',
        seen: '   ------1---1',
      },
      { 1: publish('a', '1', { id: 7 }), d: publish('a', '1', { id: 7, dup: true }) },
      { a: 'PUBACK #7' },
    );
  });

  it('answers PUBREL that it does not know with PUBCOMP', () => {
    draw(
      {
        broker: ' A---l',
        sent: '   C-----c',
        seen: '   -------',
      },
      { l: pubrel(7) },
      { c: protocolVersion === 5 ? 'PUBCOMP #7 0x92' : 'PUBCOMP #7' },
    );
  });
});

describe('QoS 2 identifiers and connections', () => {
  const kept = { clean: false, sessionExpiry: 60, reconnect: { jitter: 'none' } } as const;

  it('remembers them on the next connection of the session', () => {
    let present = false;
    inVirtualTime({ ...kept, answers: { connect: () => connackWith({}, present) } }, (world) => {
      const log = observe(world);
      world.to(0);
      world.line.send(publish('a', '2', { qos: 2, id: 7 }));
      present = true;
      world.line.peer.fail();
      world.to(1000);
      world.take();
      world.line.send(publish('a', '2', { qos: 2, id: 7, dup: true }), pubrel(7));
      expect(log).toEqual(['0 a=2']);
      expect(world.wire).toEqual(['1000 PUBREC #7', '1000 PUBCOMP #7']);
    });
  });

  it('forgets them with the session', () => {
    inVirtualTime(kept, (world) => {
      const log = observe(world);
      world.to(0);
      world.line.send(publish('a', 'old', { qos: 2, id: 7 }));
      world.line.peer.fail();
      world.to(1000);
      world.line.send(publish('a', 'new', { qos: 2, id: 7 }));
      expect(log).toEqual(['0 a=old', '1000 a=new']);
    });
  });

  it('[v5 MQTT-3.3.4-9] counts against Receive Maximum only what this connection brought', () => {
    let present = false;
    const properties = { receiveMaximum: 1 };
    inVirtualTime({ ...kept, properties, answers: { connect: () => connackWith({}, present) } }, (world) => {
      const log = observe(world);
      world.to(0);
      world.line.send(publish('a', 'first', { qos: 2, id: 7 }));
      present = true;
      world.line.peer.fail();
      world.to(1000);
      // The window is fresh, and PUBREL does not count.
      world.line.send(publish('a', 'second', { id: 8 }), pubrel(7));
      expect(log).toEqual(['0 a=first', '1000 a=second']);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('are not shown again to those who saw them, when another held them and left without a word', () => {
    let present = false;
    const answers = {
      connect: () => connackWith({}, present),
      subscribe: ({ packetId }: { packetId: number }) => suback(packetId, 2),
    };
    inVirtualTime({ ...kept, answers }, (world) => {
      const log = observe(world);
      const all: string[] = [];
      world.client.messages$.subscribe((message) => all.push(message.text()));
      const worker = world.client.subscribe('a', { qos: 2, ack: 'manual' }).subscribe();
      world.to(0);
      world.line.send(publish('a', 'job', { qos: 2, id: 7 }));
      worker.unsubscribe();
      present = true;
      world.line.peer.fail();
      const next: string[] = [];
      world.client.subscribe('a', { qos: 2, ack: 'manual' }).subscribe((message) => {
        next.push(message.text());
        message.ack();
      });
      world.to(1000);
      world.take();
      world.line.send(publish('a', 'job', { qos: 2, id: 7, dup: true }));
      expect(log).toEqual(['0 a=job']);
      expect(all).toEqual(['job']);
      expect(next).toEqual(['job']);
      expect(world.wire).toEqual(['1000 PUBREC #7']);
    });
  });
});

describe('manual acknowledgement', () => {
  const held = (world: World, options: { qos?: 1 | 2 } = {}) => {
    const messages: { ack(): void; text(): string }[] = [];
    const subscription = world.client
      .subscribe('a', { qos: options.qos ?? 1, ack: 'manual' })
      .subscribe((message) => messages.push(message));
    world.by(0);
    return { messages, subscription };
  };
  const answers = { subscribe: ({ packetId }: { packetId: number }) => suback(packetId, 2) };

  it('[v5 MQTT-4.6.0-2] acknowledges in the order of arrival, whatever order the handlers finish in', () => {
    inVirtualTime({ answers }, (world) => {
      world.to(0);
      const { messages } = held(world);
      world.take();
      for (const id of [1, 2, 3]) world.line.send(publish('a', String(id), { id }));
      world.line.send(publish('b', 'nobody', { id: 4 }), publish('a', '5', { qos: 2, id: 5 }));
      expect(world.take()).toEqual([]);
      world.by(5);
      messages[1]?.ack();
      messages[2]?.ack();
      expect(world.take()).toEqual([]);
      messages[0]?.ack();
      expect(world.take()).toEqual(
        table(`
        5 PUBACK #1
        5 PUBACK #2
        5 PUBACK #3
        5 PUBACK #4
      `),
      );
      messages[3]?.ack();
      messages[3]?.ack();
      expect(world.take()).toEqual(['5 PUBREC #5']);
    });
  });

  it('waits for every observer that acknowledges by hand', () => {
    inVirtualTime({ answers }, (world) => {
      world.to(0);
      const one = held(world);
      const two = held(world);
      world.take();
      world.line.send(publish('a', '1', { id: 1 }));
      one.messages[0]?.ack();
      one.messages[0]?.ack();
      expect(world.take()).toEqual([]);
      two.messages[0]?.ack();
      expect(world.take()).toEqual(['0 PUBACK #1']);
    });
  });

  it('does nothing for a message of a connection that is gone', () => {
    inVirtualTime({ reconnect: { jitter: 'none' }, answers }, (world) => {
      world.to(0);
      const { messages } = held(world, { qos: 2 });
      world.line.send(publish('a', 'old', { qos: 2, id: 1 }));
      world.line.peer.fail();
      world.to(1000);
      world.take();
      messages[0]?.ack();
      expect(world.take()).toEqual([]);
      // Least of all does it take the identifier from a message of the new session.
      world.line.send(publish('a', 'new', { qos: 2, id: 1 }));
      expect(messages.map((message) => message.text())).toEqual(['old', 'new']);
    });
  });

  it('does not wait for an observer that was unsubscribed while the message was delivered', () => {
    inVirtualTime({ answers }, (world) => {
      world.to(0);
      const second = { subscription: { unsubscribe: (): void => undefined } };
      world.client.subscribe('a', { qos: 1, ack: 'manual' }).subscribe((message) => {
        second.subscription.unsubscribe();
        message.ack();
      });
      second.subscription = held(world).subscription;
      world.take();
      world.line.send(publish('a', '1', { id: 1 }));
      expect(world.take()).toEqual(['0 PUBACK #1']);
    });
  });
});
