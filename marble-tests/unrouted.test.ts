import { connack, inVirtualTime, publish, puback, pubrec, pubrel } from './support.js';

const session = { clean: false, sessionExpiry: 100, answers: { connect: () => connack({ sessionPresent: true }) } };
const topics = ({ topic }: { topic: string }): string => topic;

describe('a message without an observer', () => {
  it('is held for unroutedGrace, then acknowledged and shown', () => {
    inVirtualTime(session, (world) => {
      const unrouted = world.watch(world.client.unrouted$, topics);
      world.to(100);
      world.take();
      world.line.send(publish('a', '', { id: 7 }), publish('b', '', { id: 8, qos: 2 }));
      world.to(5099);
      expect(world.take()).toEqual([]);
      expect(world.client.stats().held).toBe(2);
      world.to(5100);
      expect(world.take()).toEqual(['5100 PUBACK #7', '5100 PUBREC #8']);
      expect(unrouted.log).toEqual(['5100 a', '5100 b']);
      expect(world.client.stats().dropped.unrouted).toBe(2);
    });
  });

  it('goes to an observer who comes in time, in order, and is acknowledged then', () => {
    inVirtualTime({ ...session, unroutedGrace: 1000 }, (world) => {
      world.to(100);
      world.take();
      world.line.send(publish('a/1', '', { id: 7 }), publish('b', '', { id: 8 }), publish('a/2', '', { id: 9 }));
      world.to(600);
      const late = world.watch(world.client.subscribe('a/+', { qos: 1 }), topics);
      world.to(600);
      expect(late.log).toEqual(['600 a/1', '600 a/2']);
      world.to(1100);
      expect(world.take().filter((packet) => !packet.includes('SUBSCRIBE'))).toEqual([
        '600 PUBACK #7',
        '1100 PUBACK #8',
        '1100 PUBACK #9',
      ]);
    });
  });

  it('is left to an observer who acknowledges by hand', () => {
    inVirtualTime(session, (world) => {
      world.to(100);
      world.take();
      world.line.send(publish('a', '', { id: 7 }));
      world.to(200);
      const acks: (() => void)[] = [];
      world.client.subscribe('a', { qos: 1, ack: 'manual' }).subscribe((message) => acks.push(() => message.ack()));
      world.to(10_000);
      expect(acks).toHaveLength(1);
      expect(world.take().filter((packet) => packet.includes('PUBACK'))).toEqual([]);
      acks[0]?.();
      expect(world.take()).toEqual(['10000 PUBACK #7']);
    });
  });

  it('does not wait again on a topic that got no observer', () => {
    inVirtualTime({ ...session, unroutedGrace: 1000 }, (world) => {
      world.to(0);
      world.line.send(publish('a', '', { id: 7 }));
      world.to(1500);
      world.take();
      world.line.send(publish('a', '', { id: 8 }));
      expect(world.take()).toEqual(['1500 PUBACK #8']);
    });
  });

  it('is forgotten with its connection: the broker sends it again', () => {
    inVirtualTime({ ...session, reconnect: { minDelay: 100, jitter: 'none' } }, (world) => {
      const unrouted = world.watch(world.client.unrouted$, topics);
      world.to(0);
      world.line.send(publish('a', '', { id: 7, qos: 2 }));
      world.to(10);
      world.line.peer.fail();
      world.to(110);
      const got = world.watch(world.client.subscribe('a', { qos: 2 }), topics);
      world.line.send(publish('a', '', { id: 7, qos: 2, dup: true }));
      world.line.send(pubrel(7));
      world.to(20_000);
      expect(got.log).toEqual(['110 a']);
      expect(unrouted.log).toEqual([]);
      expect(world.wire.filter((packet) => packet.includes('#7'))).toEqual(['110 PUBREC #7', '110 PUBCOMP #7']);
    });
  });

  it('is answered and shown at once at QoS 0, and with unroutedGrace 0', () => {
    inVirtualTime({ ...session, unroutedGrace: 0 }, (world) => {
      const unrouted = world.watch(world.client.unrouted$, topics);
      world.to(0);
      world.take();
      world.line.send(publish('a'), publish('b', '', { id: 7 }));
      expect(unrouted.log).toEqual(['0 a', '0 b']);
      expect(world.take()).toEqual(['0 PUBACK #7']);
    });
  });
});

describe('a poison message', () => {
  it('is not what a message becomes when connections are also lost before CONNACK', () => {
    let attempt = 0;
    const connectAnswer = (): ReturnType<typeof connack> | undefined =>
      attempt++ % 3 === 2 ? undefined : connack({ sessionPresent: true });
    const reconnect = { minDelay: 10, jitter: 'none', factor: 1 } as const;
    inVirtualTime({ clean: false, sessionExpiry: 9, answers: { connect: connectAnswer }, reconnect }, (world) => {
      world.to(0);
      const unlucky = world.watch(world.client.publish('a', '', { qos: 1 }), () => 'ok');
      for (let connection = 1; connection <= 21; connection++) {
        world.line.peer.end();
        world.by(10);
      }
      world.line.send(puback(1));
      expect(unlucky.log).toEqual(['210 ok', '210 done']);
    });
  });

  it('is not what a message becomes when the line also breaks in between', () => {
    const answers = { connect: () => connack({ sessionPresent: true }) };
    const reconnect = { minDelay: 10, jitter: 'none', factor: 1 } as const;
    inVirtualTime({ clean: false, sessionExpiry: 9, answers, reconnect }, (world) => {
      world.to(0);
      const unlucky = world.watch(world.client.publish('a', '', { qos: 1 }), () => 'ok');
      for (let connection = 1; connection <= 20; connection++) {
        if (connection % 3 === 0) world.line.peer.fail();
        else world.line.peer.end();
        world.by(10);
      }
      world.line.send(puback(1));
      expect(unlucky.log).toEqual(['200 ok', '200 done']);
    });
  });

  it('is not what a message becomes that merely suffers a bad line', () => {
    const answers = { connect: () => connack({ sessionPresent: true }) };
    const options = {
      clean: false,
      sessionExpiry: 9,
      answers,
      reconnect: { minDelay: 10, jitter: 'none', factor: 1 },
    } as const;
    inVirtualTime(options, (world) => {
      world.to(0);
      const unlucky = world.watch(world.client.publish('a', '', { qos: 2 }), () => 'ok');
      for (let connection = 1; connection <= 20; connection++) {
        world.line.peer.fail();
        world.by(10);
      }
      expect(unlucky.log).toEqual([]);
      world.line.send(pubrec(1), { cmd: 'pubcomp', packetId: 1, reasonCode: 0 });
      expect(unlucky.log).toEqual(['200 ok', '200 done']);
    });
  });
});
