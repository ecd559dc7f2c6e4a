import { connack, inVirtualTime, puback, publish, shown, suback, table } from './support.js';

const mute = { connect: () => undefined };

describe('end()', () => {
  it('[v5 MQTT-3.14.4-1] sends DISCONNECT and closes; subscriptions complete', () => {
    inVirtualTime({}, (world) => {
      const { log } = world.watch(world.client.subscribe('a'));
      world.to(5);
      world.take();
      void world.client.end();
      world.to(6);
      expect(world.wire).toEqual(['5 DISCONNECT', '5 closed']);
      expect(log).toEqual(['5 done']);
      expect(world.client.state).toEqual({ status: 'ended' });
    });
  });

  it('before the first tick: nothing is ever opened', () => {
    inVirtualTime({}, (world) => {
      void world.client.end();
      expect(world.states).toEqual(['0 idle', '0 ended', '0 complete']);
      world.to(1000);
      expect(world.lines).toHaveLength(0);
    });
  });

  it('while a lazy client is idle', () => {
    inVirtualTime({ lazy: true }, (world) => {
      world.to(1000);
      void world.client.end();
      expect(world.states).toEqual(['0 idle', '1000 ended', '1000 complete']);
      expect(world.lines).toHaveLength(0);
    });
  });

  it('while the transport opens', () => {
    inVirtualTime({ dial: { delay: 100 } }, (world) => {
      world.to(50);
      void world.client.end();
      world.to(1000);
      expect(world.lines).toHaveLength(0);
      expect(world.states.at(-2)).toBe('50 ended');
    });
  });

  it('while CONNACK is awaited: closes without DISCONNECT', () => {
    inVirtualTime({ answers: mute }, (world) => {
      world.to(50);
      void world.client.end();
      world.to(60);
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '50 closed']);
      expect(world.states.at(-2)).toBe('50 ended');
    });
  });

  it('while it waits to reconnect', () => {
    inVirtualTime({ reconnect: { jitter: 'none' } }, (world) => {
      world.to(10);
      world.line.peer.fail();
      world.to(20);
      void world.client.end();
      expect(world.states.at(-2)).toBe('20 ended');
      world.to(100_000);
      expect(world.lines).toHaveLength(1);
    });
  });

  it('waits for the acknowledgement of what was published', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { log } = world.watch(world.client.publish('a', '', { qos: 1 }), ({ packetId }) => `#${packetId}`);
      world.take();
      void world.client.end();
      world.to(30);
      expect(world.wire).toEqual([]);
      world.line.send(puback(1));
      world.to(31);
      expect(log).toEqual(['30 #1', '30 done']);
      expect(world.wire).toEqual(['30 DISCONNECT', '30 closed']);
    });
  });

  it('waits for what the window holds back, to the last message at QoS 0', () => {
    const answers = { connect: () => connack({ properties: { receiveMaximum: 1 } }) };
    inVirtualTime({ answers }, (world) => {
      world.to(0);
      world.fire(world.client.publish('one', '', { qos: 1 }));
      world.fire(world.client.publish('two', '', { qos: 1 }));
      world.fire(world.client.publish('zero', ''));
      world.take();
      void world.client.end();
      world.to(10);
      world.line.send(puback(1));
      world.line.send(puback(2));
      world.to(11);
      expect(world.wire).toEqual(
        table(`
        10 PUBLISH #2 two "" q1
        10 PUBLISH zero "" q0
        10 DISCONNECT
        10 closed
      `),
      );
    });
  });

  it('is over when what the socket held back is a message at QoS 0', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.line.peer.setCongested(true);
      world.fire(world.client.publish('zero', ''));
      world.take();
      void world.client.end();
      world.to(10);
      world.line.peer.setCongested(false);
      world.to(11);
      expect(world.wire).toEqual(['10 PUBLISH zero "" q0', '10 DISCONNECT', '10 closed']);
    });
  });

  it('is over when the last message is given up', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.line.peer.setCongested(true);
      const { subscription } = world.watch(world.client.publish('zero', ''));
      world.take();
      void world.client.end();
      world.to(10);
      subscription.unsubscribe();
      world.to(11);
      expect(world.wire).toEqual(['10 DISCONNECT', '10 closed']);
    });
  });

  it('waits 5 s at the most; what is left errors with ClosedError', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { log } = world.watch(world.client.publish('a', '', { qos: 1 }));
      world.take();
      void world.client.end();
      world.to(6000);
      expect(world.wire).toEqual(['5000 DISCONNECT', '5000 closed']);
      expect(log).toEqual(['5000 ! ClosedError CLOSED']);
    });
  });

  it.each([
    [200, 200],
    [0, 0],
  ])('waits as long as `timeout` says: %i ms', (timeout, at) => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.fire(world.client.publish('a', '', { qos: 1 }));
      world.take();
      void world.client.end({ timeout });
      world.to(6000);
      expect(world.wire).toEqual([`${at} DISCONNECT`, `${at} closed`]);
    });
  });

  it('waits for ever with `timeout: Infinity`', () => {
    inVirtualTime({ keepalive: 0 }, (world) => {
      world.to(0);
      world.fire(world.client.publish('a', '', { qos: 1 }));
      world.take();
      void world.client.end({ timeout: Infinity });
      world.to(1_000_000);
      expect(world.wire).toEqual([]);
    });
  });

  it('does not wait with `force`, also when it waits already', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.fire(world.client.publish('a', '', { qos: 1 }));
      world.take();
      void world.client.end();
      void world.client.end();
      world.to(10);
      expect(world.wire).toEqual([]);
      void world.client.end({ force: true });
      world.to(11);
      expect(world.wire).toEqual(['10 DISCONNECT', '10 closed']);
    });
  });

  it('is over when the connection is lost meanwhile', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { log } = world.watch(world.client.publish('a', '', { qos: 1 }));
      void world.client.end();
      world.to(10);
      world.line.peer.fail();
      expect(log).toEqual(['10 ! ClosedError CLOSED']);
      expect(world.states.at(-2)).toBe('10 ended');
      world.to(100_000);
      expect(world.lines).toHaveLength(1);
    });
  });

  it('from inside a message handler: the acknowledgement of that message leaves before DISCONNECT', () => {
    const answers = { subscribe: ({ packetId }: { packetId: number }) => suback(packetId, 1) };
    inVirtualTime({ answers }, (world) => {
      world.client.subscribe('a', { qos: 1 }).subscribe(() => void world.client.end());
      world.to(5);
      world.take();
      world.line.send(publish('a', '1', { id: 1 }), publish('a', '2', { id: 2 }));
      world.to(6);
      expect(world.wire).toEqual(['5 PUBACK #1', '5 PUBACK #2', '5 DISCONNECT', '5 closed']);
    });
  });

  it('refuses what is asked for from then on', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.fire(world.client.publish('a', '', { qos: 1 }));
      void world.client.end();
      expect(world.watch(world.client.publish('b', '')).log).toEqual(['0 ! ClosedError CLOSED']);
      expect(world.watch(world.client.subscribe('b')).log).toEqual(['0 ! ClosedError CLOSED']);
    });
  });

  it('still delivers what comes in while it waits', () => {
    inVirtualTime({}, (world) => {
      const { log } = world.watch(world.client.subscribe('in'), shown);
      world.to(0);
      world.fire(world.client.publish('a', '', { qos: 1 }));
      void world.client.end();
      world.to(5);
      world.line.send(publish('in', '1'));
      expect(log).toEqual(['5 in=1']);
    });
  });

  it('[v5] says the reason code and the session expiry that are asked for', () => {
    inVirtualTime({ sessionExpiry: 10 }, (world) => {
      world.to(0);
      void world.client.end({ reasonCode: 0x04, sessionExpiry: 99 });
      world.to(1);
      expect(world.line.packets.at(-1)).toMatchObject({
        cmd: 'disconnect',
        reasonCode: 4,
        properties: { sessionExpiryInterval: 99 },
      });
    });
  });

  it('settles its promise, the same one for all callers, in every state', async () => {
    const promises: Promise<void>[] = [];
    for (const at of [undefined, 0, 50]) {
      inVirtualTime({ dial: { delay: 20 } }, (world) => {
        if (at !== undefined) world.to(at);
        const first = world.client.end();
        expect(world.client.end()).toBe(first);
        promises.push(first, world.client[Symbol.asyncDispose]());
      });
    }
    await expect(Promise.all(promises)).resolves.toHaveLength(6);
  });

  it('closes all that is hot', () => {
    inVirtualTime({}, (world) => {
      const { client } = world;
      const logs = [client.messages$, client.unrouted$, client.packets$, client.subscriptions$].map(
        (source) => world.watch(source as typeof client.messages$, () => 'value').log,
      );
      world.to(5);
      void client.end();
      world.to(6);
      for (const log of logs) expect(log.at(-1)).toBe('5 done');
    });
  });
});

it('leaves no timer of a lingering subscription behind', () => {
  inVirtualTime({}, (world) => {
    world.to(0);
    world.fire(world.client.subscribe('a', { linger: 1_000_000 }));
    world.to(10);
    void world.client.end({ force: true });
    world.to(20);
    expect(world.states.at(-1)).toBe('10 complete');
    expect(world.pending).toBe(0);
  });
});
