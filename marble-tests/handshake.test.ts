import { connack, connackWith, disconnect, inVirtualTime, publish, shown, table } from './support.js';

describe('CONNECT and CONNACK', () => {
  it('opens nothing before the tick in which connect() was called is over', () => {
    inVirtualTime({}, (world) => {
      expect(world.states).toEqual(['0 idle']);
      expect(world.lines).toHaveLength(0);
      world.to(0);
      expect(world.wire).toEqual(['0 CONNECT v5 clean']);
      expect(world.states).toEqual(['0 idle', '0 connecting 1', '0 connected']);
    });
  });

  it('sends CONNECT when the transport is open, and is connected with CONNACK', () => {
    inVirtualTime({ dial: { delay: 30 }, answers: { connect: () => undefined } }, (world) => {
      world.to(40);
      expect(world.wire).toEqual(['30 CONNECT v5 clean']);
      world.to(70);
      world.line.send(connack());
      expect(world.states).toEqual(['0 idle', '0 connecting 1', '70 connected']);
    });
  });

  it('[v5 MQTT-3.2.0-1] sends nothing after CONNECT before CONNACK came', () => {
    inVirtualTime({ answers: { connect: () => undefined } }, (world) => {
      world.watch(world.client.publish('a', '0'));
      world.watch(world.client.subscribe('a'));
      world.to(500);
      expect(world.take()).toEqual(['0 CONNECT v5 clean']);
      world.line.send(connack());
      world.by(1);
      expect(world.wire).toEqual(
        table(`
        500 SUBSCRIBE #1 a:0 id=1
        500 PUBLISH a "0" q0
      `),
      );
    });
  });

  it('hands over what came in one chunk with CONNACK', () => {
    inVirtualTime({ answers: { connect: () => [connack(), publish('a', 'now')] } }, (world) => {
      const { log } = world.watch(world.client.messages$, shown);
      world.to(0);
      expect(log).toEqual(['0 a=now']);
    });
  });

  it('tells in its state what both sides agreed on', () => {
    inVirtualTime(
      {
        keepalive: 30,
        answers: { connect: () => connackWith({ serverKeepAlive: 7, receiveMaximum: 3, maximumQoS: 1 }) },
      },
      (world) => {
        world.to(0);
        expect(world.client.state).toMatchObject({
          status: 'connected',
          sessionPresent: false,
          negotiated: { protocolVersion: 5, clientId: 'c', keepalive: 7, receiveMaximum: 3, maximumQoS: 1 },
        });
      },
    );
  });

  it('[v5 MQTT-3.2.2-16] keeps the client identifier that the broker assigned', () => {
    const ids: string[] = [];
    const answers = {
      connect: (packet: { clientId: string }) => {
        ids.push(packet.clientId);
        return connackWith({ assignedClientIdentifier: 'assigned' });
      },
    };
    inVirtualTime({ clientId: '', reconnect: { jitter: 'none' }, answers }, (world) => {
      world.to(0);
      world.line.peer.end();
      world.to(1000);
      expect(ids).toEqual(['', 'assigned']);
    });
  });
});

describe('the time-out of an attempt', () => {
  it('counts the opening of the transport', () => {
    inVirtualTime({ connectTimeout: 500, dial: { delay: 1e6 }, reconnect: false }, (world) => {
      world.to(499);
      expect(world.states).toEqual(['0 idle', '0 connecting 1']);
      world.to(500);
      expect(world.states.slice(2)).toEqual(['500 ended TimeoutError TIMEOUT', '500 complete']);
    });
  });

  it('counts the wait for CONNACK, and closes without a word', () => {
    inVirtualTime(
      { connectTimeout: 500, dial: { delay: 200 }, reconnect: false, answers: { connect: () => undefined } },
      (world) => {
        world.to(600);
        expect(world.wire).toEqual(['200 CONNECT v5 clean', '500 closed']);
        expect(world.states.slice(2)).toEqual(['500 ended TimeoutError TIMEOUT', '500 complete']);
      },
    );
  });

  it('is 30 s where nothing else was asked for, and is retried', () => {
    inVirtualTime({ reconnect: { jitter: 'none' }, answers: { connect: () => undefined } }, (world) => {
      world.to(31_000);
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '30000 closed', '31000 CONNECT v5 clean']);
      expect(world.states).toEqual(['0 idle', '0 connecting 1', '30000 reconnecting 2 in 1000', '31000 connecting 2']);
    });
  });

  it('may be Infinity: then an attempt takes as long as it takes', () => {
    inVirtualTime({ connectTimeout: Infinity, answers: { connect: () => undefined } }, (world) => {
      world.to(10_000_000);
      expect(world.wire).toEqual(['0 CONNECT v5 clean']);
      world.line.send(connack());
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('is over with CONNACK', () => {
    inVirtualTime({ connectTimeout: 500, keepalive: 0 }, (world) => {
      world.to(100_000);
      expect(world.states).toEqual(['0 idle', '0 connecting 1', '0 connected']);
    });
  });
});

describe('a broker that hangs up', () => {
  it('before CONNACK, is a ConnectError', () => {
    inVirtualTime({ reconnect: false, answers: { connect: () => undefined } }, (world) => {
      world.to(5);
      world.line.peer.end();
      expect(world.states.slice(2)).toEqual(['5 ended ConnectError CONNECTION_LOST', '5 complete']);
    });
  });

  it('[v5] with DISCONNECT, is told by its reason code and gets no answer', () => {
    inVirtualTime({ reconnect: { jitter: 'none' } }, (world) => {
      world.to(5);
      world.line.send(disconnect(0x8b));
      expect(world.client.state).toMatchObject({
        status: 'reconnecting',
        reason: { name: 'ConnectError', code: 'DISCONNECTED', reasonCode: 0x8b },
      });
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '5 closed']);
    });
  });
});
