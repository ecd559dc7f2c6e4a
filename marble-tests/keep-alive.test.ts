import { connack, connackWith, inVirtualTime, pingresp, publish, table, type World } from './support.js';

const silent = { pingreq: () => undefined };

describe('keep-alive', () => {
  it('[v5 MQTT-3.1.2-20] pings on an idle line before a period of silence is over', () => {
    inVirtualTime({ keepalive: 10 }, (world) => {
      world.to(30_000);
      expect(world.wire).toEqual(
        table(`
        0     CONNECT v5 clean
        9000  PINGREQ
        18000 PINGREQ
        27000 PINGREQ
      `),
      );
    });
  });

  it('pings not at all with keepalive 0', () => {
    inVirtualTime({ keepalive: 0 }, (world) => {
      world.to(10_000_000);
      expect(world.wire).toEqual(['0 CONNECT v5 clean']);
    });
  });

  it('has a period of 60 s where nothing else was asked for', () => {
    inVirtualTime({}, (world) => {
      world.to(60_000);
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '59000 PINGREQ']);
    });
  });

  it('[v5 MQTT-3.2.2-21] takes the period from the broker', () => {
    inVirtualTime({ keepalive: 60, answers: { connect: () => connackWith({ serverKeepAlive: 5 }) } }, (world) => {
      world.to(9000);
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '4500 PINGREQ', '9000 PINGREQ']);
    });
  });

  it('[v5 MQTT-3.2.2-21] is off when the broker turns it off', () => {
    inVirtualTime({ keepalive: 60, answers: { connect: () => connackWith({ serverKeepAlive: 0 }) } }, (world) => {
      world.to(600_000);
      expect(world.wire).toEqual(['0 CONNECT v5 clean']);
    });
  });

  const pings = (world: World): string[] => world.wire.filter((row) => row.includes('PINGREQ'));

  it('pings not at all on a line that is busy both ways', () => {
    inVirtualTime({ keepalive: 10 }, (world) => {
      world.to(0);
      world.every(1000, () => world.client.publish('a', '').subscribe());
      world.every(1000, () => world.line.send(publish('b')));
      world.to(60_000);
      expect(pings(world)).toEqual([]);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('pings on a line that is busy outbound alone, because the broker may be gone', () => {
    inVirtualTime({ keepalive: 10 }, (world) => {
      world.to(0);
      world.every(1000, () => world.client.publish('a', '').subscribe());
      world.to(20_000);
      expect(pings(world)).toEqual(['9000 PINGREQ', '18000 PINGREQ']);
    });
  });

  it('pings on a line that is busy inbound alone, because the broker may not know of us', () => {
    inVirtualTime({ keepalive: 10 }, (world) => {
      world.to(0);
      world.every(1000, () => world.line.send(publish('b')));
      world.to(20_000);
      expect(pings(world)).toEqual(['9000 PINGREQ', '18000 PINGREQ']);
    });
  });

  it('counts silence anew from each packet', () => {
    inVirtualTime({ keepalive: 10 }, (world) => {
      world.to(5000);
      world.client.publish('a', '').subscribe();
      world.line.send(publish('b'));
      world.to(20_000);
      expect(pings(world)).toEqual(['14000 PINGREQ']);
    });
  });
});

describe('a line that is dead', () => {
  it('is closed without DISCONNECT when PINGRESP is missing, within one and a half periods', () => {
    inVirtualTime({ keepalive: 10, reconnect: { jitter: 'none' }, answers: silent }, (world) => {
      world.to(15_000);
      expect(world.wire).toEqual(
        table(`
        0     CONNECT v5 clean
        9000  PINGREQ
        14000 closed
        15000 CONNECT v5 clean
      `),
      );
      expect(world.states[3]).toBe('14000 reconnecting 1 in 1000');
    });
  });

  it('is noticed though the client goes on publishing', () => {
    inVirtualTime({ keepalive: 10, reconnect: false, answers: silent }, (world) => {
      world.to(0);
      world.every(1000, () => world.client.publish('a', '').subscribe({ error: () => undefined }));
      world.to(15_000);
      expect(world.wire.at(-1)).toBe('14000 closed');
      expect(world.states.slice(3)).toEqual(['14000 ended TimeoutError TIMEOUT', '14000 complete']);
    });
  });

  it('is noticed after pingTimeout where that is given', () => {
    inVirtualTime({ keepalive: 10, pingTimeout: 300, reconnect: false, answers: silent }, (world) => {
      world.to(15_000);
      expect(world.wire.at(-1)).toBe('9300 closed');
    });
  });

  it('is noticed within one and a half of the period that the broker set, whatever pingTimeout says', () => {
    const answers = { ...silent, connect: () => connackWith({ serverKeepAlive: 4 }) };
    inVirtualTime({ keepalive: 60, pingTimeout: 50_000, reconnect: false, answers }, (world) => {
      world.to(120_000);
      expect(Number.parseInt(world.wire.at(-1) ?? '', 10)).toBeLessThanOrEqual(6000);
    });
  });

  it('is alive when anything comes in after the ping', () => {
    inVirtualTime({ keepalive: 10, reconnect: false, answers: silent }, (world) => {
      world.to(10_000);
      world.line.send(publish('a'));
      world.to(14_500);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('a late PINGRESP is as good as an early one', () => {
    inVirtualTime({ keepalive: 10, reconnect: false, answers: silent }, (world) => {
      world.to(13_999);
      world.line.send(pingresp());
      world.to(15_000);
      expect(world.client.state.status).toBe('connected');
    });
  });
});

describe('ping()', () => {
  it('emits the round trip in ms', () => {
    inVirtualTime({ answers: silent }, (world) => {
      world.to(100);
      const { log } = world.watch(world.client.ping());
      expect(world.wire.at(-1)).toBe('100 PINGREQ');
      world.to(142);
      world.line.send(pingresp());
      expect(log).toEqual(['142 42', '142 done']);
    });
  });

  it('errors without a connection, and when the connection is lost', () => {
    inVirtualTime({ answers: silent }, (world) => {
      expect(world.watch(world.client.ping()).log).toEqual(['0 ! ConnectError CONNECTION_LOST']);
      world.to(0);
      const { log } = world.watch(world.client.ping());
      world.line.peer.fail();
      expect(log).toEqual(['0 ! ConnectError CONNECTION_LOST']);
    });
  });

  it('is cold', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.take();
      const ping$ = world.client.ping();
      world.to(5);
      expect(world.take()).toEqual([]);
      world.watch(ping$);
      world.watch(ping$);
      expect(world.take()).toEqual(['5 PINGREQ', '5 PINGREQ']);
    });
  });
});

describe('a CONNACK that takes its time', () => {
  it('[v5 MQTT-3.1.2-20] moves no ping: silence counts from CONNECT', () => {
    inVirtualTime({ keepalive: 10, answers: { connect: () => undefined } }, (world) => {
      world.to(6000);
      world.line.send(connack());
      world.to(20_000);
      expect(world.wire).toEqual(
        table(`
        0     CONNECT v5 clean
        9000  PINGREQ
        18000 PINGREQ
      `),
      );
    });
  });

  it('is followed by a ping at once when a period has passed, and by no reproach', () => {
    inVirtualTime({ keepalive: 10, answers: { connect: () => undefined } }, (world) => {
      world.to(16_000);
      world.line.send(connack());
      world.to(30_000);
      expect(world.wire).toEqual(
        table(`
        0     CONNECT v5 clean
        16000 PINGREQ
        25000 PINGREQ
      `),
      );
    });
  });
});
