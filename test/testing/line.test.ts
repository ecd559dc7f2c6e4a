import { firstValueFrom, Subject, takeUntil } from 'rxjs';
import { connect } from '../../src/index.js';
import { mqttTest, testBroker, type MqttTest } from './support.js';

/** A client that publishes at QoS 2 into a session that lasts, as most faults are about. */
const shop = (t: MqttTest, keepalive = 60): ReturnType<MqttTest['connect']> =>
  t.connect({ clientId: 'shop', clean: false, sessionExpiry: 600, keepalive });

describe('a line', () => {
  it('is cut: both ends see it, and packets in transit are lost', () => {
    mqttTest((t) => {
      const client = shop(t);
      t.at(10, () => client.publish('a', 'x', { qos: 1 }).subscribe());
      t.at(10, () => t.broker.line('shop').cut());
      t.expectPublished('a').toBe('1013ms x', { x: ['a', 'x'] });
      t.expectWire('shop').toBe(`
           0 > CONNECT v5
           2 < CONNACK
          10 > PUBLISH #1 a "x" q1 (lost)
          10 closed
        1010 > CONNECT v5
        1012 < CONNACK present
        1012 > PUBLISH #1 a "x" q1 dup
        1014 < PUBACK #1 0x10`);
    });
  });

  it('loses packets: pays once, though PUBREC is lost and the line is cut', () => {
    mqttTest((t) => {
      const paid: string[] = [];
      t.connect({ clientId: 'sink' })
        .subscribe('orders/#', { qos: 2 })
        .subscribe((m) => paid.push(m.text()));
      const client = shop(t);
      t.broker.line('shop').drop('< pubrec');
      t.at(100, () => client.publish('orders/7', 'paid', { qos: 2 }).subscribe());
      t.at(5000, () => t.broker.line('shop').cut());
      t.to(20_000);
      expect(paid).toEqual(['paid']);
      t.expectWire('shop').toContain('101 < PUBREC #1 (lost)');
      t.expectWire('shop').toContain(`
        6002 < CONNACK present
        6002 > PUBLISH #1 orders/7 "paid" q2 dup
        6004 < PUBREC #1
        6004 > PUBREL #1
        6006 < PUBCOMP #1`);
    });
  });

  it('is closed by the broker, with a reason', () => {
    mqttTest((t) => {
      shop(t);
      t.at(10, () => t.broker.line('shop').close(0x9c));
      t.at(10, () => t.broker.line('shop').close());
      t.expectReceived('shop').toBe('--A 8ms D', { A: 'CONNACK', D: 'DISCONNECT 0x9c' });
      t.expectState('shop').toBe('c-C 8ms r', { c: 'connecting 1', C: 'connected', r: 'reconnecting 1 in 1000' });
    });
  });

  it('is closed as brokers do it: the will comes, and nothing behind it', () => {
    for (const end of ['close', 'disconnectClient'] as const) {
      mqttTest((t) => {
        const will = { topic: 'w', payload: '', qos: 0 } as const;
        const client = t.connect({ clientId: 'shop', clean: false, sessionExpiry: 600, will });
        t.at(
          10,
          () => void (end === 'close' ? t.broker.line('shop').close() : t.broker.disconnectClient('shop', 0x8b)),
        );
        t.at(10, () => client.publish('a', 'x', { qos: 1 }).subscribe());
        t.expectPublished().toBe('10ms w 1003ms a', { w: ['w'], a: ['a', 'x'] });
        t.expectReceived().toBe('--A 8ms D', { A: 'CONNACK', D: 'DISCONNECT 0x8b' });
      });
    }
  });

  it('that is closed shows the packets that did not arrive', () => {
    mqttTest((t) => {
      const client = shop(t);
      t.at(9, () => client.publish('a', '1').subscribe());
      t.at(9, () => t.broker.line('shop').redirect('other.example:1884'));
      t.at(9, () => client.publish('a', '2').subscribe());
      t.expectPublished().toBe('1s', {});
      t.expectWire().toBe(`
         0 > CONNECT v5
         2 < CONNACK
         9 > PUBLISH a "1" q0 (lost)
         9 > PUBLISH a "2" q0 (lost)
        10 < DISCONNECT 0x9C
        10 closed`);
      t.to(10);
    });
  });

  it('is down for a while, and refuses who dials', () => {
    mqttTest((t) => {
      shop(t);
      t.at(10, () => t.broker.line('shop').down('2s'));
      t.expectWire().toBe(`
           0 > CONNECT v5
           2 < CONNACK
          10 closed
        1010 refused
        3010 > CONNECT v5
        3012 < CONNACK present`);
    });
  });

  it('refuses also who says its name in CONNECT only', () => {
    mqttTest((t) => {
      const client = connect({ url: 'mqtt://b', clientId: 'far', transport: t.broker.transport, reconnect: false });
      t.broker.line('far').down('1m');
      t.to(5);
      expect(client.state.status).toBe('ended');
      expect(t.broker.wire('far')).toEqual(['0 refused']);
    });
  });

  it('heals', () => {
    mqttTest((t) => {
      const client = shop(t);
      const line = t.broker.line('shop');
      t.at(10, () => {
        line.freeze('1h');
        line.congest('1h');
        line.split(1);
        line.drop('> publish', 9);
        line.forgetSession();
      });
      t.at(20, () => client.publish('a', 'x', { qos: 1 }).subscribe());
      t.at(30, () => line.heal());
      t.at(40, () => line.down('1h'));
      t.at(50, () => line.heal());
      t.expectPublished().toBe('31ms x', { x: ['a', 'x'] });
      t.to('2s');
      expect(client.state).toMatchObject({ status: 'connected', sessionPresent: true });
    });
  });

  it('freezes: nothing passes, and then all of it', () => {
    mqttTest((t) => {
      const client = shop(t);
      t.at(10, () => t.broker.line('shop').freeze('5s'));
      t.at(20, () => client.publish('a', '1').subscribe());
      t.at(30, () => client.publish('a', '2').subscribe());
      t.expectPublished('a').toBe('5010ms (xy)', { x: ['a', '1'], y: ['a', '2'] });
    });
  });

  it('that is frozen for long is left by the client', () => {
    mqttTest((t) => {
      shop(t, 10);
      t.at(10, () => t.broker.line('shop').freeze('1m'));
      t.expectState('shop').toBe('c-C 13997ms r', {
        c: 'connecting 1',
        C: 'connected',
        r: { status: 'reconnecting', reason: expect.objectContaining({ name: 'TimeoutError' }) },
      });
    });
  });

  it('is congested: publishes wait', () => {
    mqttTest((t) => {
      const client = shop(t);
      t.at(10, () => t.broker.line('shop').congest('1s'));
      t.at(20, () => client.publish('a', '1', { qos: 1 }).subscribe());
      t.expectSent('shop').toBe('C 1009ms P', { C: 'CONNECT v5', P: 'PUBLISH #1 a "1" q1' });
    });
  });

  it('that is congested holds pings, too, and costs the connection', () => {
    mqttTest((t) => {
      shop(t, 10);
      t.at(10, () => t.broker.line('shop').congest('1m'));
      t.expectSent().toBe('C 8999ms P', { C: 'CONNECT v5', P: 'PINGREQ' });
      t.expectState().toBe('c-C 13997ms r', {
        c: 'connecting 1',
        C: 'connected',
        r: { status: 'reconnecting', reason: expect.objectContaining({ name: 'TimeoutError' }) },
      });
    });
  });

  it('is congested by the longer of two', () => {
    mqttTest((t) => {
      const client = shop(t);
      t.at(10, () => t.broker.line('shop').congest('1s'));
      t.at(10, () => t.broker.line('shop').congest(100));
      t.at(20, () => client.publish('a', '1', { qos: 1 }).subscribe());
      t.expectSent().toBe('C 1009ms P', { C: 'CONNECT v5', P: 'PUBLISH #1 a "1" q1' });
    });
  });

  it('marks duplicates and delays on the way out, and losses on the way back', () => {
    mqttTest((t) => {
      const client = shop(t);
      t.broker.line('shop').duplicate('> publish');
      t.broker.line('shop').delay('> pingreq', '1s');
      t.at(10, () => client.publish('a', '1', { qos: 1 }).subscribe());
      t.at(10, () => client.ping().subscribe({ error: () => undefined }));
      t.at(12, () => t.broker.line('shop').cut());
      t.to(20);
      t.expectWire().toBe(`
         0 > CONNECT v5
         2 < CONNACK
        10 > PUBLISH #1 a "1" q1 (duplicated)
        10 > PINGREQ (lost)
        12 < PUBACK #1 0x10 (lost)
        12 < PUBACK #1 0x10 (lost)
        12 closed`);
    });
  });

  it('doubles, delays and corrupts packets', () => {
    mqttTest((t) => {
      const client = shop(t);
      t.broker.line('shop').duplicate('> publish');
      t.broker.line('shop').delay('< puback', '3s');
      t.at(10, () => client.publish('a', '1', { qos: 1 }).subscribe());
      t.expectPublished('a').toBe('11ms (xx)', { x: ['a', '1'] });
      t.expectReceived('shop').toBe('--A 9ms p 2999ms p', { A: 'CONNACK', p: 'PUBACK #1 0x10' });
      t.at(5000, () => t.broker.line('shop').corrupt('< puback'));
      t.at(5000, () => client.publish('b', '1', { qos: 1 }).subscribe());
      t.to(5010);
      t.expectWire('shop').toContain(`
        5002 < PUBACK #2 0x10 (corrupted)
        5002 > DISCONNECT 0x81`);
    });
  });

  it('is split into single bytes', () => {
    mqttTest((t) => {
      const client = shop(t);
      t.broker.line('shop').split(1);
      t.at(10, () => client.publish('a', 'in pieces', { qos: 2 }).subscribe());
      t.expectReceived('shop').toBe('--A 9ms R-C', { A: 'CONNACK', R: 'PUBREC #1 0x10', C: 'PUBCOMP #1' });
    });
  });

  it('is refused by the broker, or by the network', () => {
    mqttTest((t) => {
      t.broker.line('shop').refuse(0x88);
      t.broker.line('shop').refuse();
      shop(t);
      t.expectState('shop').toBe('c-r 999ms (cR) 1996ms c-C', {
        c: /connecting/,
        r: 'reconnecting 2 in 1000',
        R: 'reconnecting 3 in 2000',
        C: 'connected',
      });
    });
  });

  it('leads to a broker that has forgotten the session', () => {
    mqttTest((t) => {
      const client = shop(t);
      client.subscribe('a', { qos: 1 }).subscribe();
      t.at(10, () => t.broker.line('shop').forgetSession());
      t.at(10, () => t.broker.line('shop').cut());
      t.to(2000);
      t.expectWire('shop').toContain(`
        1010 > CONNECT v5
        1012 < CONNACK
        1012 > SUBSCRIBE #2 a:1 id=2`);
    });
  });

  it('sends the client to another server', () => {
    mqttTest((t) => {
      const client = t.connect({ clientId: 'shop', followRedirect: true });
      t.at(10, () => t.broker.line('shop').redirect('other.example:1884'));
      t.to(100);
      expect(client.state).toMatchObject({ status: 'connected', url: 'mqtt://other.example:1884' });
    });
  });
});

describe('testBroker()', () => {
  it('is a broker in real time, whose connections can be spoiled, and leaves nothing open', async () => {
    const broker = await testBroker();
    const client = connect(broker.url, { clientId: 'shop', reconnect: { minDelay: 10, jitter: 'none' } });
    const over = new Subject<void>();
    const received = firstValueFrom(client.subscribe('a', { qos: 1 }).pipe(takeUntil(over)));
    broker.line('shop').drop('< puback');
    const acked = firstValueFrom(client.publish('a', 'x', { qos: 1, retain: true }));
    expect((await received).text()).toBe('x');
    broker.line('shop').cut();
    await acked;
    expect(broker.wire('shop').some((row) => row.includes('PUBACK #2 (lost)'))).toBe(true);
    for (const row of broker.wire('shop')) expect(row).toMatch(/^\d+ /);
    expect(broker.published.map((m) => m.topic)).toEqual(['a', 'a']);
    expect(broker.retained.get('a')?.text()).toBe('x');
    over.next();
    await client.end();
    await broker.close();
  });
});
