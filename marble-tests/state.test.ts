import { connack, disconnect, inVirtualTime, suback, table, type World } from './support.js';

describe('state$', () => {
  it('shows the whole life of a client, in order', () => {
    inVirtualTime({ reconnect: { jitter: 'none' }, dial: { delay: 10 } }, (world) => {
      world.to(100);
      world.line.peer.fail();
      world.to(2000);
      void world.client.end();
      world.to(2001);
      expect(world.states).toEqual([
        '0 idle',
        '0 connecting 1',
        '10 connected',
        '100 reconnecting 1 in 1000',
        '1100 connecting 1',
        '1110 connected',
        '2000 ended',
        '2000 complete',
      ]);
    });
  });

  it('gives a late observer the current state at once', () => {
    inVirtualTime({}, (world) => {
      world.to(5);
      expect(world.watch(world.client.state$, ({ status }) => status).log).toEqual(['5 connected']);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('gives who comes after the end the last state, and completes', () => {
    inVirtualTime({}, (world) => {
      world.to(5);
      void world.client.end();
      world.to(6);
      expect(world.watch(world.client.state$, ({ status }) => status).log).toEqual(['6 ended', '6 done']);
    });
  });

  it('shows every observer every transition in order, also when the first one ends the client from inside', () => {
    inVirtualTime({}, (world) => {
      world.client.state$.subscribe(({ status }) => status === 'connecting' && void world.client.end());
      const { log } = world.watch(world.client.state$, ({ status }) => status);
      world.to(10);
      expect(log).toEqual(['0 idle', '0 connecting', '0 ended', '0 done']);
      // Ended before anything was opened.
      expect(world.lines).toHaveLength(0);
    });
  });

  it.each(['connecting', 'connected', 'reconnecting'] as const)(
    'may be ended from inside the handler of %s',
    (status) => {
      inVirtualTime({ reconnect: { jitter: 'none' } }, (world) => {
        world.client.state$.subscribe((state) => state.status === status && void world.client.end());
        world.to(10);
        if (world.lines.length > 0 && !world.line.peer.closed) world.line.peer.fail();
        world.to(20);
        expect(world.client.state).toEqual({ status: 'ended' });
        expect(world.states.filter((row) => row.includes('ended'))).toHaveLength(1);
      });
    },
  );

  it('may be published from and subscribed from', () => {
    inVirtualTime({}, (world) => {
      world.client.state$.subscribe(({ status }) => {
        if (status !== 'connected') return;
        world.fire(world.client.publish('here', 'i am'));
        world.fire(world.client.subscribe('orders'));
      });
      world.to(0);
      expect(world.wire).toEqual(
        table(`
        0 CONNECT v5 clean
        0 SUBSCRIBE #1 orders:0 id=1
        0 PUBLISH here "i am" q0
      `),
      );
    });
  });

  it('is not harmed by an observer that throws', () => {
    inVirtualTime({}, (world) => {
      world.client.state$.subscribe(({ status }) => {
        if (status === 'connecting') throw new RangeError('thrown by the observer');
      });
      const { log } = world.watch(world.client.state$, ({ status }) => status);
      // RxJS reports it to nobody's handler, on a timer of its own.
      expect(() => world.to(0)).toThrow('thrown by the observer');
      world.to(10);
      expect(log).toEqual(['0 idle', '0 connecting', '0 connected']);
    });
  });
});

const refusal = (world: World): unknown => ({ ...world.client.state });

describe('fatal refusals', () => {
  const FATAL_5 = [0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c];
  const RETRIED_5 = [0x80, 0x83, 0x88, 0x89, 0x97, 0x9f];

  it.each(FATAL_5)('[v5] CONNACK %i ends the client, with the code', (reasonCode) => {
    inVirtualTime({ protocolVersion: 5, answers: { connect: () => connack({ reasonCode }) } }, (world) => {
      world.to(100_000);
      expect(refusal(world)).toMatchObject({
        status: 'ended',
        reason: { name: 'ConnectError', code: 'CONNECTION_REFUSED', reasonCode },
      });
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '0 closed']);
    });
  });

  it.each(RETRIED_5)('[v5] CONNACK %i is retried', (reasonCode) => {
    const answers = { connect: () => connack({ reasonCode }) };
    inVirtualTime({ protocolVersion: 5, reconnect: { jitter: 'none' }, answers }, (world) => {
      world.to(1000);
      expect(world.lines).toHaveLength(2);
      expect(refusal(world)).toMatchObject({ status: 'reconnecting', reason: { reasonCode } });
    });
  });

  it.each([1, 2, 4, 5])('[v4] CONNACK %i ends the client', (reasonCode) => {
    inVirtualTime({ protocolVersion: 4, answers: { connect: () => connack({ reasonCode }) } }, (world) => {
      world.to(100_000);
      expect(refusal(world)).toMatchObject({ status: 'ended', reason: { code: 'CONNECTION_REFUSED', reasonCode } });
    });
  });

  it('[v4] CONNACK 3, server unavailable, is retried', () => {
    const answers = { connect: () => connack({ reasonCode: 3 }) };
    inVirtualTime({ protocolVersion: 4, reconnect: { jitter: 'none' }, answers }, (world) => {
      world.to(1000);
      expect(world.lines).toHaveLength(2);
    });
  });

  it('[v5] DISCONNECT 0x8E, session taken over, ends the client', () => {
    inVirtualTime({}, (world) => {
      world.to(10);
      const { log } = world.watch(world.client.subscribe('a'));
      const pending = world.watch(world.client.publish('a', '', { qos: 1 }));
      world.line.send(disconnect(0x8e));
      world.to(100_000);
      expect(refusal(world)).toMatchObject({ status: 'ended', reason: { code: 'DISCONNECTED', reasonCode: 0x8e } });
      expect(log).toEqual(['10 ! ClosedError CLOSED']);
      expect(pending.log).toEqual(['10 ! ClosedError CLOSED']);
      expect(world.lines).toHaveLength(1);
    });
  });

  it('after the end everything errors with ClosedError that holds the reason', () => {
    inVirtualTime({ answers: { connect: () => connack({ reasonCode: 0x87 }) } }, (world) => {
      world.to(10);
      const { client } = world;
      for (const source of [client.subscribe('a'), client.publish('a', ''), client.unsubscribe('a')]) {
        const errors: unknown[] = [];
        (source as typeof client.messages$).subscribe({ error: (error: unknown) => errors.push(error) });
        expect(errors).toMatchObject([{ code: 'CLOSED', reasonCode: 0x87, cause: { code: 'CONNECTION_REFUSED' } }]);
      }
    });
  });
});

describe("protocolVersion 'auto'", () => {
  it.each([
    ['CONNACK 0x84', '20 03 00 84 00'],
    ['the words of 3.1.1', '20 02 00 01'],
  ])('falls back to 3.1.1 at once on %s', (_, bytes) => {
    inVirtualTime(
      {
        answers: {
          connect: (packet, line) => {
            if (packet.protocolVersion === 4) return connack();
            line.sendHex(bytes);
            return undefined;
          },
        },
      },
      (world) => {
        world.to(0);
        expect(world.wire).toEqual(['0 CONNECT v5 clean', '0 closed', '0 CONNECT v4 clean']);
        expect(world.client.state).toMatchObject({ status: 'connected', negotiated: { protocolVersion: 4 } });
        expect(world.states.filter((row) => row.includes('reconnecting'))).toEqual([]);
      },
    );
  });

  it('stays with 3.1.1 from then on', () => {
    const answers = {
      connect: ({ protocolVersion }: { protocolVersion: number }) =>
        protocolVersion === 4 ? connack() : connack({ reasonCode: 0x84 }),
      subscribe: ({ packetId }: { packetId: number }) => suback(packetId, 0),
    };
    inVirtualTime({ reconnect: { jitter: 'none' }, answers }, (world) => {
      world.to(10);
      world.take();
      world.line.peer.fail();
      world.to(2000);
      expect(world.wire.slice(1)).toEqual(['1010 CONNECT v4 clean']);
    });
  });

  it('ends the client when 3.1.1 is refused too', () => {
    const answers = {
      connect: ({ protocolVersion }: { protocolVersion: number }) =>
        connack({ reasonCode: protocolVersion === 5 ? 0x84 : 1 }),
    };
    inVirtualTime({ answers }, (world) => {
      world.to(100_000);
      expect(world.lines).toHaveLength(2);
      expect(world.client.state).toMatchObject({ status: 'ended', reason: { reasonCode: 1 } });
    });
  });
});
