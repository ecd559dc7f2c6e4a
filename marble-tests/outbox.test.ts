import { connack, inVirtualTime, puback, suback, table, type Answers, type World } from './support.js';
import type { OfflineOptions } from '../src/index.js';

const window = (receiveMaximum: number): Answers => ({ connect: () => connack({ properties: { receiveMaximum } }) });
const send = (world: World, topic: string, qos: 0 | 1 | 2 = 1) =>
  world.watch(world.client.publish(topic, 'xx', { qos }), ({ packetId }) => `#${packetId}`);

describe('the window of Receive Maximum', () => {
  it('[v5 MQTT-3.3.4-9] is filled in order, and refilled with each acknowledgement', () => {
    inVirtualTime({ answers: window(2) }, (world) => {
      world.to(0);
      for (const topic of ['a', 'b', 'c', 'd']) send(world, topic);
      expect(world.take().slice(1)).toEqual(['0 PUBLISH #1 a "xx" q1', '0 PUBLISH #2 b "xx" q1']);
      world.to(10);
      world.line.send(puback(2));
      expect(world.take()).toEqual(['10 PUBLISH #3 c "xx" q1']);
      world.line.send(puback(1), puback(3));
      expect(world.take()).toEqual(['10 PUBLISH #4 d "xx" q1']);
    });
  });

  it('is no bound for QoS 0, SUBSCRIBE and PINGREQ', () => {
    inVirtualTime({ answers: window(1) }, (world) => {
      world.to(0);
      send(world, 'full');
      world.take();
      send(world, 'zero', 0);
      world.fire(world.client.subscribe('a'));
      world.fire(world.client.ping());
      world.by(0);
      expect(world.wire).toEqual(
        table(`
        0 PUBLISH zero "xx" q0
        0 PINGREQ
        0 SUBSCRIBE #2 a:0 id=1
      `),
      );
    });
  });

  it('[v5 MQTT-4.6.0-6] QoS 0 never passes an earlier message that waits', () => {
    inVirtualTime({ answers: window(1) }, (world) => {
      world.to(0);
      send(world, 'one');
      send(world, 'two');
      send(world, 'zero', 0);
      world.take();
      world.line.send(puback(1));
      expect(world.wire).toEqual(['0 PUBLISH #2 two "xx" q1', '0 PUBLISH zero "xx" q0']);
    });
  });
});

describe('what waits without a connection', () => {
  it('leaves in order, after the subscriptions', () => {
    inVirtualTime({ dial: { delay: 100 } }, (world) => {
      send(world, 'a', 1);
      send(world, 'b', 0);
      world.fire(world.client.subscribe('s', { qos: 1 }));
      send(world, 'c', 2);
      world.to(100);
      expect(world.wire).toEqual(
        table(`
        100 CONNECT v5 clean
        100 SUBSCRIBE #1 s:1 id=1
        100 PUBLISH #2 a "xx" q1
        100 PUBLISH b "xx" q0
        100 PUBLISH #3 c "xx" q2
      `),
      );
    });
  });

  it('may be taken back', () => {
    inVirtualTime({ dial: { delay: 100 } }, (world) => {
      send(world, 'a');
      const { subscription, log } = send(world, 'b');
      send(world, 'c');
      subscription.unsubscribe();
      world.to(100);
      expect(world.wire.slice(1)).toEqual(['100 PUBLISH #1 a "xx" q1', '100 PUBLISH #2 c "xx" q1']);
      expect(log).toEqual([]);
    });
  });

  it('finishes its handshake when it is given up after it was sent', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { subscription, log } = send(world, 'a', 2);
      subscription.unsubscribe();
      world.take();
      world.line.send({ cmd: 'pubrec', packetId: 1, reasonCode: 0 });
      world.line.send({ cmd: 'pubcomp', packetId: 1, reasonCode: 0 });
      expect(world.wire).toEqual(['0 PUBREL #1']);
      expect(log).toEqual([]);
    });
  });

  const offline = (limits: OfflineOptions, check: (world: World) => void) =>
    inVirtualTime({ dial: { delay: 100 }, offline: limits }, check);
  const topics = (world: World): string[] =>
    world.line.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.topic] : []));
  const FULL = '0 ! QueueFullError QUEUE_FULL';

  it.each([{ maxMessages: 2 }, { maxBytes: 6 }])("'reject' refuses what finds no room: %j", (limits) => {
    offline(limits, (world) => {
      const logs = ['a', 'b', 'c'].map((topic) => send(world, topic).log);
      expect(logs).toEqual([[], [], [FULL]]);
      world.to(100);
      expect(topics(world)).toEqual(['a', 'b']);
    });
  });

  it("'drop-newest' refuses the same", () => {
    offline({ maxMessages: 2, overflow: 'drop-newest' }, (world) => {
      expect(['a', 'b', 'c'].map((topic) => send(world, topic).log)).toEqual([[], [], [FULL]]);
    });
  });

  it("'drop-oldest' makes room", () => {
    offline({ maxMessages: 2, overflow: 'drop-oldest' }, (world) => {
      expect(['a', 'b', 'c'].map((topic) => send(world, topic).log)).toEqual([[FULL], [], []]);
      world.to(100);
      expect(topics(world)).toEqual(['b', 'c']);
    });
  });

  it("'drop-oldest' drops nothing for a message that has no room in any case", () => {
    offline({ maxBytes: 6, overflow: 'drop-oldest' }, (world) => {
      expect(['a', 'b', 'far-too-long'].map((topic) => send(world, topic).log)).toEqual([[], [], [FULL]]);
      world.to(100);
      expect(topics(world)).toEqual(['a', 'b']);
    });
  });

  it("'wait' holds back, and keeps the order", () => {
    offline({ maxMessages: 2, overflow: 'wait' }, (world) => {
      const logs = ['a', 'b', 'c', 'd'].map((topic) => send(world, topic).log);
      world.to(100);
      expect(topics(world)).toEqual(['a', 'b', 'c', 'd']);
      expect(logs).toEqual([[], [], [], []]);
    });
  });

  it('nothing waits with maxMessages 0, and a connection is not needed for what can be sent at once', () => {
    offline({ maxMessages: 0 }, (world) => {
      expect(send(world, 'a').log).toEqual([FULL]);
      world.to(100);
      send(world, 'b');
      expect(topics(world)).toEqual(['b']);
    });
  });

  it('is 10 000 messages where nothing else was asked for', () => {
    offline({}, (world) => {
      let refused = 0;
      for (let i = 0; i < 10_010; i++) world.client.publish('a', '').subscribe({ error: () => refused++ });
      expect(refused).toBe(10);
    });
  });
});

describe('packet identifiers', () => {
  it('[v5 MQTT-2.2.1-3] 70 000 unacknowledged publishes never collide, and leave in order', () => {
    inVirtualTime({ keepalive: 0, offline: { maxMessages: 70_000 } }, (world) => {
      world.to(0);
      let done = 0;
      for (let i = 0; i < 70_000; i++) {
        world.client.publish(`t/${i}`, '', { qos: 1 }).subscribe({ next: () => done++, error: () => undefined });
      }
      const sent = () => world.line.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet] : []));
      expect(sent()).toHaveLength(65_535);
      expect(new Set(sent().map(({ packetId }) => packetId)).size).toBe(65_535);
      world.line.send(...sent().map(({ packetId }) => puback(packetId)));
      expect(sent()).toHaveLength(70_000);
      expect(sent().every(({ topic }, i) => topic === `t/${i}`)).toBe(true);
      world.line.send(
        ...sent()
          .slice(65_535)
          .map(({ packetId }) => puback(packetId)),
      );
      expect(done).toBe(70_000);
    });
  });

  it('leave one for SUBSCRIBE as soon as one is free, before the publishes that wait', () => {
    const answers: Answers = { subscribe: ({ packetId }) => suback(packetId, 0) };
    inVirtualTime({ keepalive: 0, offline: { maxMessages: 70_000 }, answers }, (world) => {
      world.to(0);
      for (let i = 0; i < 66_000; i++) world.fire(world.client.publish('t', '', { qos: 1 }));
      world.take();
      world.fire(world.client.subscribe('a'));
      world.fire(world.client.unsubscribe('b'));
      world.by(1);
      expect(world.take()).toEqual([]);
      world.line.send(puback(7));
      world.by(1);
      expect(world.take()[0]).toBe('1 UNSUBSCRIBE #7 b');
      world.line.send(puback(8));
      world.by(1);
      expect(world.take()[0]).toBe('2 SUBSCRIBE #8 a:0 id=1');
    });
  });
});
