import { connackWith, disconnect, inVirtualTime, puback, pubcomp, pubrec, table, type World } from './support.js';
import type { PublishReceipt } from '../src/index.js';

const receipt = ({ packetId, qos, reasonCode, inDoubt }: PublishReceipt): string =>
  `#${packetId} q${qos} 0x${reasonCode.toString(16)}${inDoubt === true ? ' in doubt' : ''}`;

const send = (world: World, topic: string, qos: 0 | 1 | 2) =>
  world.watch(world.client.publish(topic, '', { qos }), receipt);

describe('QoS 0', () => {
  it('is done when it is written', () => {
    inVirtualTime({}, (world) => {
      world.to(10);
      expect(send(world, 'a', 0).log).toEqual(['10 #0 q0 0x0', '10 done']);
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '10 PUBLISH a "" q0']);
    });
  });

  it('sends nothing before it is subscribed to, and once for each subscriber', () => {
    inVirtualTime({}, (world) => {
      world.to(10);
      world.take();
      const publish$ = world.client.publish('a', '');
      world.to(20);
      expect(world.wire).toEqual([]);
      publish$.subscribe();
      publish$.subscribe();
      expect(world.wire).toEqual(['20 PUBLISH a "" q0', '20 PUBLISH a "" q0']);
    });
  });
});

describe('QoS 1', () => {
  it('[v5 MQTT-4.3.2-4] is done with PUBACK', () => {
    inVirtualTime({}, (world) => {
      world.to(10);
      const { log } = send(world, 'a', 1);
      expect(log).toEqual([]);
      world.to(25);
      world.line.send(puback(1, 0x10));
      expect(log).toEqual(['25 #1 q1 0x10', '25 done']);
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '10 PUBLISH #1 a "" q1']);
    });
  });

  it('fails alone when the broker refuses it', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const refused = send(world, 'a', 1);
      const taken = send(world, 'b', 1);
      world.line.send(puback(1, 0x97), puback(2));
      expect(refused.log).toEqual(['0 ! PublishError PUBLISH_REFUSED']);
      expect(taken.log).toEqual(['0 #2 q1 0x0', '0 done']);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('ignores a second PUBACK', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { log } = send(world, 'a', 1);
      world.line.send(puback(1), puback(1), puback(77));
      expect(log).toEqual(['0 #1 q1 0x0', '0 done']);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it.each([4, 5] as const)('[v%i] is never sent again while the connection lasts', (protocolVersion) => {
    inVirtualTime({ protocolVersion, keepalive: 0 }, (world) => {
      world.to(0);
      send(world, 'a', 1);
      world.take();
      world.to(1_000_000);
      expect(world.wire).toEqual([]);
    });
  });
});

describe('QoS 2', () => {
  it('[v5 MQTT-4.3.3-6] goes PUBLISH, PUBREC, PUBREL, PUBCOMP', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { log } = send(world, 'a', 2);
      world.to(10);
      world.line.send(pubrec(1));
      expect(log).toEqual([]);
      world.to(20);
      world.line.send(pubcomp(1));
      expect(log).toEqual(['20 #1 q2 0x0', '20 done']);
      expect(world.wire).toEqual(
        table(`
        0  CONNECT v5 clean
        0  PUBLISH #1 a "" q2
        10 PUBREL #1
      `),
      );
    });
  });

  it('answers a repeated PUBREC with PUBREL again', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { log } = send(world, 'a', 2);
      world.take();
      world.line.send(pubrec(1), pubrec(1), pubcomp(1), pubcomp(1));
      expect(world.wire).toEqual(['0 PUBREL #1', '0 PUBREL #1']);
      expect(log).toEqual(['0 #1 q2 0x0', '0 done']);
    });
  });

  it('[v5 MQTT-4.3.3-4] ends with a PUBREC that refuses, without PUBREL', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { log } = send(world, 'a', 2);
      world.take();
      world.line.send(pubrec(1, 0x97));
      expect(log).toEqual(['0 ! PublishError PUBLISH_REFUSED']);
      expect(world.wire).toEqual([]);
      // Its identifier is free for the next one, once the round is through.
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('[v5 MQTT-4.4.0-1] answers PUBREC of an exchange that it does not know with PUBREL 0x92', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.take();
      world.line.send(pubrec(9));
      expect(world.wire).toEqual(['0 PUBREL #9 0x92']);
    });
  });
});

describe('after the connection was lost, with the session kept', () => {
  const kept = { clean: false, sessionExpiry: 3600, reconnect: { jitter: 'none' } } as const;
  const lost = (world: World): void => {
    world.line.peer.fail();
    world.by(1000);
  };

  it('[v5 MQTT-4.4.0-1] sends PUBLISH with DUP and PUBREL again, in the order of the first sending', () => {
    let present = false;
    const connect = () => connackWith({}, present);
    inVirtualTime({ ...kept, answers: { connect } }, (world) => {
      world.to(0);
      const logs = [send(world, 'a', 1), send(world, 'b', 2), send(world, 'c', 2), send(world, 'd', 1)];
      send(world, 'zero', 0);
      world.line.send(pubrec(2), puback(4));
      present = true;
      world.take();
      lost(world);
      expect(world.take()).toEqual(
        table(`
        0    closed
        1000 CONNECT v5
        1000 PUBLISH #1 a "" q1 dup
        1000 PUBREL #2
        1000 PUBLISH #3 c "" q2 dup
      `),
      );
      world.line.send(puback(1), pubcomp(2), pubrec(3), pubcomp(3));
      expect(logs.map(({ log }) => log)).toEqual([
        ['1000 #1 q1 0x0', '1000 done'],
        ['1000 #2 q2 0x0', '1000 done'],
        ['1000 #3 q2 0x0', '1000 done'],
        ['0 #4 q1 0x0', '0 done'],
      ]);
    });
  });

  it('keeps its order before what was published meanwhile', () => {
    let present = false;
    inVirtualTime({ ...kept, answers: { connect: () => connackWith({}, present) } }, (world) => {
      world.to(0);
      send(world, 'a', 1);
      present = true;
      world.line.peer.fail();
      send(world, 'b', 0);
      send(world, 'c', 1);
      world.take();
      world.by(1000);
      expect(world.wire).toEqual(
        table(`
        1000 CONNECT v5
        1000 PUBLISH #1 a "" q1 dup
        1000 PUBLISH b "" q0
        1000 PUBLISH #2 c "" q1
      `),
      );
    });
  });

  it('keeps to the window of the new connection', () => {
    let present = false;
    const connect = () => connackWith({ receiveMaximum: present ? 1 : 10 }, present);
    inVirtualTime({ ...kept, answers: { connect } }, (world) => {
      world.to(0);
      for (const topic of ['a', 'b', 'c']) send(world, topic, 1);
      present = true;
      lost(world);
      world.take();
      world.line.send(puback(1));
      world.line.send(puback(2));
      world.line.send(puback(3));
      expect(world.wire).toEqual(['1000 PUBLISH #2 b "" q1 dup', '1000 PUBLISH #3 c "" q1 dup']);
    });
  });

  it('[v5 MQTT-3.2.2-15] fails a message that the new connection does not take, alone', () => {
    let present = false;
    const connect = () => connackWith(present ? { maximumQoS: 1 } : {}, present);
    inVirtualTime({ ...kept, answers: { connect } }, (world) => {
      world.to(0);
      const two = send(world, 'a', 2);
      const one = send(world, 'b', 1);
      present = true;
      lost(world);
      expect(two.log).toEqual(['1000 ! PublishError NOT_SUPPORTED']);
      world.line.send(puback(2));
      expect(one.log).toEqual(['1000 #2 q1 0x0', '1000 done']);
    });
  });
});

describe('after the session was lost', () => {
  const options = { clean: false, sessionExpiry: 3600, reconnect: { jitter: 'none' } } as const;

  const story = (
    onSessionLost: 'safe' | 'republish' | 'fail' | undefined,
    check: (world: World, logs: string[][]) => void,
  ) =>
    inVirtualTime({ ...options, ...(onSessionLost === undefined ? {} : { onSessionLost }) }, (world) => {
      world.to(0);
      const watched = [send(world, 'one', 1), send(world, 'two', 2), send(world, 'released', 2)];
      world.line.send(pubrec(3));
      world.line.peer.fail();
      watched.push(send(world, 'later', 1));
      world.take();
      world.to(1000);
      check(
        world,
        watched.map(({ log }) => log),
      );
    });

  it.each(['safe', undefined] as const)('%s: QoS 1 anew, QoS 2 in doubt, past PUBREC a receipt in doubt', (policy) => {
    story(policy, (world, logs) => {
      expect(world.take()).toEqual(
        table(`
        1000 CONNECT v5
        1000 PUBLISH #4 one "" q1
        1000 PUBLISH #5 later "" q1
      `),
      );
      world.line.send(puback(4), puback(5));
      expect(logs).toEqual([
        ['1000 #4 q1 0x0', '1000 done'],
        ['1000 ! SessionLostError SESSION_LOST'],
        ['1000 #3 q2 0x0 in doubt', '1000 done'],
        ['1000 #5 q1 0x0', '1000 done'],
      ]);
    });
  });

  it('republish: both anew', () => {
    story('republish', (world) => {
      expect(world.wire).toEqual(
        table(`
        1000 CONNECT v5
        1000 PUBLISH #4 one "" q1
        1000 PUBLISH #5 two "" q2
        1000 PUBLISH #6 later "" q1
      `),
      );
    });
  });

  it('fail: neither', () => {
    story('fail', (world, logs) => {
      expect(world.wire).toEqual(['1000 CONNECT v5', '1000 PUBLISH #4 later "" q1']);
      expect(logs.slice(0, 3)).toEqual([
        ['1000 ! SessionLostError SESSION_LOST'],
        ['1000 ! SessionLostError SESSION_LOST'],
        ['1000 #3 q2 0x0 in doubt', '1000 done'],
      ]);
    });
  });

  it('says of a QoS 2 message that it is in doubt', () => {
    inVirtualTime(options, (world) => {
      world.to(0);
      const errors: unknown[] = [];
      world.client.publish('a', '', { qos: 2 }).subscribe({ error: (error: unknown) => errors.push(error) });
      world.line.send(disconnect(0x8b));
      world.to(1000);
      expect(errors).toMatchObject([{ code: 'SESSION_LOST', inDoubt: true }]);
    });
  });

  it('puts what a handler publishes then behind what is sent anew', () => {
    inVirtualTime(options, (world) => {
      world.to(0);
      send(world, 'one', 1);
      world.client.publish('two', '', { qos: 2 }).subscribe({ error: () => send(world, 'two again', 1) });
      world.line.peer.fail();
      world.take();
      world.to(1000);
      expect(world.wire).toEqual(
        table(`
        1000 CONNECT v5
        1000 PUBLISH #3 one "" q1
        1000 PUBLISH #4 two again "" q1
      `),
      );
    });
  });

  it('goes on also after connections were lost again and again without one acknowledgement', () => {
    inVirtualTime({ reconnect: { jitter: 'none', factor: 1 } }, (world) => {
      world.to(0);
      const { log } = send(world, 'a', 1);
      for (let i = 0; i < 5; i++) {
        world.line.peer.fail();
        world.by(1000);
      }
      world.line.send(puback(6));
      expect(log).toEqual(['5000 #6 q1 0x0', '5000 done']);
      send(world, 'b', 1);
      expect(world.wire.at(-1)).toBe('5000 PUBLISH #7 b "" q1');
    });
  });
});
