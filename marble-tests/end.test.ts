import { ignoreElements, map, switchMap, timer, type Observable } from 'rxjs';
import type { MqttClient, Transport } from 'rxmqtt';
import { connack, connackWith, mqttTest, puback, publish, suback, type MqttTest } from 'rxmqtt/testing';

const CONNECT = 'CONNECT v5 clean';
const PACKETS = { C: CONNECT, p: 'PUBLISH #1 a "" q1', D: 'DISCONNECT' };
const STATES = { c: 'connecting 1', C: 'connected', r: 'reconnecting 1 in 1000', e: 'ended' };
const CLOSED = expect.objectContaining({ name: 'ClosedError', code: 'CLOSED' });

/** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

/** A broker that is so far away that opening the transport takes its time. */
const slowly = (t: MqttTest, ms: number): { clientId: string; transport: Transport } => ({
  clientId: 'far',
  transport: (target) => timer(ms).pipe(switchMap(() => t.broker.transport(target))),
});

const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const completion = (source: Observable<unknown>): Observable<never> => source.pipe(ignoreElements());

/** The client is ended at 5. */
const drawGoodbye = (test: (t: MqttTest, client: MqttClient) => void): void =>
  draw((t) => {
    const client = t.connect();
    t.at(5, () => void client.end());
    test(t, client);
  });

describe('end()', () => {
  it('[v5 MQTT-3.14.4-1] sends DISCONNECT and closes; subscriptions complete', () => {
    draw((t) => {
      const client = t.connect();
      t.at(5, () => void client.end());
      t.expectObservable(client.subscribe('a')).toBe('-----|');
      t.expectSent().toBe('                            C-S--D', { ...PACKETS, S: 'SUBSCRIBE #1 a:0 id=1' });
      t.expectState().toBe('                          c-C--e', STATES);
      t.to(6);
      t.expectWire().toContain(`
        5 > DISCONNECT
        5 closed`);
      expect(client.state).toEqual({ status: 'ended' });
    });
  });

  it('before the first tick: nothing is ever opened', () => {
    draw((t) => {
      const client = t.connect();
      expect(client.state.status).toBe('idle');
      void client.end();
      expect(client.state.status).toBe('ended');
      t.expectState().toBe('                      e 1s', STATES);
      t.expectSent().toBe('                       - 1s', {});
      t.expectObservable(completion(client.state$)).toBe('|');
    });
  });

  it('while a lazy client is idle', () => {
    draw((t) => {
      const client = t.connect({ lazy: true });
      t.at(1000, () => void client.end());
      t.expectState().toBe('                           1s e', STATES);
      t.expectSent().toBe('                            1s - 1s', {});
      t.expectObservable(completion(client.state$)).toBe('1s |');
    });
  });

  it('while the transport opens', () => {
    draw((t) => {
      const client = t.connect(slowly(t, 100));
      t.at(50, () => void client.end());
      t.expectState().toBe('c 49ms e 1s', STATES);
      t.expectSent().toBe(' - 49ms - 1s', {});
    });
  });

  it('while CONNACK is awaited: closes without DISCONNECT', () => {
    draw((t) => {
      t.answer('connect', () => undefined);
      const client = t.connect();
      t.at(50, () => void client.end());
      t.expectState().toBe('c 49ms e', STATES);
      t.to(60);
      t.expectWire().toBe(`
         0 > CONNECT v5 clean
        50 closed`);
    });
  });

  it('while it waits to reconnect', () => {
    draw((t) => {
      const client = t.connect();
      t.at(10, () => t.broker.line('client-1').cut());
      t.at(20, () => void client.end());
      t.expectState().toBe('c-C-------r---------e 100s', STATES);
      t.expectSent().toBe(' C-------------------- 100s', PACKETS);
    });
  });

  it('waits for the acknowledgement of what was published', () => {
    drawGoodbye((t, client) => {
      t.script('                A 27ms     K', { A: connack(), K: puback(1) });
      t.expectReceived().toBe('--A 27ms    K', { A: 'CONNACK', K: 'PUBACK #1' });
      t.expectSent().toBe('    C---p 25ms  D', PACKETS);
      t.expectState().toBe('   c-C 27ms    e', STATES);
      const receipt$ = client.publish('a', '', { qos: 1 }).pipe(map(({ packetId }) => `#${packetId}`));
      t.expectObservable(receipt$, '----^').toBe('30ms (r|)', { r: '#1' });
      t.to(31);
      t.expectWire().toContain(`
        30 > DISCONNECT
        30 closed`);
    });
  });

  it('waits for what the window holds back, to the last message at QoS 0', () => {
    drawGoodbye((t, client) => {
      t.script('                A-------1-----2', {
        A: connackWith({ receiveMaximum: 1 }),
        1: puback(1),
        2: puback(2),
      });
      t.at(4, () => {
        fire(client.publish('one', '', { qos: 1 }));
        fire(client.publish('two', '', { qos: 1 }));
        fire(client.publish('zero', ''));
      });
      t.expectReceived().toBe('--A-------1-----2', { A: 'CONNACK', 1: 'PUBACK #1', 2: 'PUBACK #2' });
      t.expectSent().toBe('    C---1-----(2z)--D', {
        ...PACKETS,
        1: 'PUBLISH #1 one "" q1',
        2: 'PUBLISH #2 two "" q1',
        z: 'PUBLISH zero "" q0',
      });
      t.to(17);
      t.expectWire().toContain('16 closed');
    });
  });

  it('is over when what the socket held back is a message at QoS 0', () => {
    drawGoodbye((t, client) => {
      t.at(3, () => t.broker.line('client-1').congest(7));
      t.at(4, () => fire(client.publish('zero', '')));
      t.expectSent().toBe(' C---------(zD)', { ...PACKETS, z: 'PUBLISH zero "" q0' });
      t.expectState().toBe('c-C-------e', STATES);
      t.to(11);
      t.expectWire().toContain('10 closed');
    });
  });

  it('is over when the last message is given up', () => {
    drawGoodbye((t, client) => {
      t.at(3, () => t.broker.line('client-1').congest(100));
      t.expectObservable(client.publish('zero', ''), '----^-----!').toBe('-----------');
      t.expectSent().toBe('                            C---------D', PACKETS);
      t.expectState().toBe('                           c-C-------e', STATES);
      t.to(11);
      t.expectWire().toContain('10 closed');
    });
  });

  it('tells of each publish that it leaves unfinished whether it was sent', () => {
    draw((t) => {
      const texts: string[] = [];
      const note = { error: ({ message }: Error) => texts.push(message) };
      const client = t.connect({ limits: { inFlight: 1 } });
      t.at(4, () => client.publish('a', '', { qos: 1 }).subscribe(note));
      t.at(4, () => client.publish('b', '', { qos: 1 }).subscribe(note));
      t.at(5, () => void client.end({ force: true }));
      t.to(10);
      const why = 'the client has ended; make a new one with connect()';
      expect(texts).toEqual([`publish to "a" was not acknowledged: ${why}`, `publish to "b" was not sent: ${why}`]);
    });
  });

  it('waits 5 s at the most; what is left errors with ClosedError', () => {
    drawGoodbye((t, client) => {
      t.expectSent().toBe('                                       C---p 5s D 1s', PACKETS);
      t.expectObservable(client.publish('a', '', { qos: 1 }), '----^').toBe('5005ms #', {}, CLOSED);
      t.to(6000);
      t.expectWire().toContain('5005 closed');
    });
  });

  it.each([
    [200, 200],
    [0, 0],
  ])('waits as long as `timeout` says: %i ms', (timeout, wait) => {
    draw((t) => {
      const client = t.connect();
      t.at(4, () => fire(client.publish('a', '', { qos: 1 })));
      t.at(5, () => void client.end({ timeout }));
      t.expectSent().toBe(`C---p ${wait}ms D 6s`, PACKETS);
      t.to(6000);
      t.expectWire().toContain(`${5 + wait} closed`);
    });
  });

  it('waits for ever with `timeout: Infinity`', () => {
    draw((t) => {
      const client = t.connect({ keepalive: 0 });
      t.at(4, () => fire(client.publish('a', '', { qos: 1 })));
      t.at(5, () => void client.end({ timeout: Infinity }));
      t.expectSent().toBe('C---p 1000s', PACKETS);
      t.to(1_000_000);
      expect(t.broker.wire('client-1')).not.toContainEqual(expect.stringContaining('closed'));
    });
  });

  it('does not wait with `force`, also when it waits already', () => {
    drawGoodbye((t, client) => {
      t.at(4, () => fire(client.publish('a', '', { qos: 1 })));
      t.at(5, () => void client.end());
      t.at(10, () => void client.end({ force: true }));
      t.expectSent().toBe('C---p-----D', PACKETS);
      t.to(11);
      t.expectWire().toContain('10 closed');
    });
  });

  it('is over when the connection is lost meanwhile', () => {
    drawGoodbye((t, client) => {
      t.at(10, () => t.broker.line('client-1').cut());
      t.expectObservable(client.publish('a', '', { qos: 1 }), '----^').toBe('----------#', {}, CLOSED);
      t.expectState().toBe('                                      c-C-------e 100s', STATES);
      t.expectSent().toBe('                                       C---p------ 100s', PACKETS);
    });
  });

  it('from inside a message handler: the acknowledgement of that message leaves before DISCONNECT', () => {
    draw((t) => {
      t.script('                A-----(12)', {
        A: connack(),
        1: publish('a', '1', { id: 1 }),
        2: publish('a', '2', { id: 2 }),
      });
      t.answer('subscribe', ({ packetId }) => suback(packetId, 1));
      const client = t.connect();
      client.subscribe('a', { qos: 1 }).subscribe(() => void client.end());
      t.expectReceived().toBe('--A-K---(12)', { A: 'CONNACK', K: /^SUBACK/, 1: /^PUBLISH #1/, 2: /^PUBLISH #2/ });
      t.expectSent().toBe('    C-S-----(12D)', { ...PACKETS, S: /^SUBSCRIBE/, 1: 'PUBACK #1', 2: 'PUBACK #2' });
      t.to(10);
      t.expectWire().toContain('8 closed');
    });
  });

  it('refuses what is asked for from then on', () => {
    drawGoodbye((t, client) => {
      t.at(4, () => fire(client.publish('a', '', { qos: 1 })));
      t.expectObservable(client.publish('b', ''), '-----^').toBe('-----#', {}, CLOSED);
      t.expectObservable(client.subscribe('b'), '  -----^').toBe('-----#', {}, CLOSED);
      t.expectSent().toBe('                         C---p-- 1s', PACKETS);
    });
  });

  it('still delivers what comes in while it waits', () => {
    drawGoodbye((t, client) => {
      t.script('                            A-----m', { A: connack(), m: publish('in', '1') });
      t.at(4, () => fire(client.publish('a', '', { qos: 1 })));
      const seen$ = client.subscribe('in').pipe(map((message) => `${message.topic}=${message.text()}`));
      t.expectReceived().toBe('            --A-----m', { A: 'CONNACK', m: 'PUBLISH in "1" q0' });
      t.expectObservable(seen$).toBe('        --------m', { m: 'in=1' });
    });
  });

  it('[v5] says the reason code and the session expiry that are asked for', () => {
    draw((t) => {
      const client = t.connect({ sessionExpiry: 10 });
      t.at(4, () => void client.end({ reasonCode: 0x04, sessionExpiry: 99 }));
      t.expectSent().toBe('C---D', {
        ...PACKETS,
        D: { cmd: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 99 } },
      });
    });
  });

  it('settles its promise, the same one for all callers, in every state', async () => {
    const promises: Promise<void>[] = [];
    for (const at of [undefined, 0, 50]) {
      draw((t) => {
        const client = t.connect(slowly(t, 20));
        if (at !== undefined) t.to(at);
        const first = client.end();
        expect(client.end()).toBe(first);
        promises.push(first, client[Symbol.asyncDispose]());
      });
    }
    await expect(Promise.all(promises)).resolves.toHaveLength(6);
  });

  it('closes all that is hot', () => {
    drawGoodbye((t, client) => {
      for (const hot of [client.messages$, client.unrouted$, client.packets$, client.subscriptions$]) {
        t.expectObservable(completion(hot as Observable<unknown>)).toBe('-----|');
      }
    });
  });
});

it('leaves no timer of a lingering subscription behind', () => {
  draw((t) => {
    const client = t.connect();
    t.expectObservable(client.subscribe('a', { linger: 1_000_000 }), '^----!').toBe('');
    t.at(10, () => void client.end({ force: true }));
    t.expectObservable(completion(client.state$)).toBe('----------|');
    // What is still due then fails the test.
    t.to(20);
  });
});
