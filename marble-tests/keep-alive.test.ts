import { map, type Observable } from 'rxjs';
import { connack, connackWith, CUT, mqttTest, type MqttTest } from 'rxmqtt/testing';

const CONNECT = 'CONNECT v5 clean';
const PINGREQ = 'PINGREQ';

/** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

/** Does something every second, for as long as the test lasts. */
const everySecond = (t: MqttTest, until: number, action: () => void): void => {
  for (let at = 1000; at < until; at += 1000) t.at(at, action);
};
const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });

describe('keep-alive', () => {
  it('[v5 MQTT-3.1.2-20] pings on an idle line before a period of silence is over', () => {
    draw((t) => {
      t.connect({ keepalive: 10 });
      t.expectSent().toBe('    C 8999ms P 8999ms P 8999ms P 3s', { C: CONNECT, P: PINGREQ });
      t.expectReceived().toBe('--A 8999ms R 8999ms R 8999ms R 3s', { A: 'CONNACK', R: 'PINGRESP' });
    });
  });

  it('pings not at all with keepalive 0', () => {
    draw((t) => {
      t.connect({ keepalive: 0 });
      t.expectSent().toBe('C 9000s', { C: CONNECT });
    });
  });

  it('has a period of 60 s where nothing else was asked for', () => {
    draw((t) => {
      t.connect();
      t.expectSent().toBe('C 58999ms P 1s', { C: CONNECT, P: PINGREQ });
    });
  });

  it('[v5 MQTT-3.2.2-21] takes the period from the broker', () => {
    draw((t) => {
      t.answer('connect', () => connackWith({ serverKeepAlive: 5 }));
      t.connect({ keepalive: 60 });
      t.expectSent().toBe('C 4499ms P 4499ms P', { C: CONNECT, P: PINGREQ });
    });
  });

  it('[v5 MQTT-3.2.2-21] is off when the broker turns it off', () => {
    draw((t) => {
      t.answer('connect', () => connackWith({ serverKeepAlive: 0 }));
      t.connect({ keepalive: 60 });
      t.expectSent().toBe('C 600s', { C: CONNECT });
    });
  });

  it('pings not at all on a line that is busy both ways', () => {
    draw((t) => {
      const client = t.connect({ keepalive: 10 });
      everySecond(t, 60_000, () => fire(client.publish('a', '')));
      everySecond(t, 60_000, () => t.publish('b', { b: ['b'] }));
      t.to('1m');
      t.expectWire().toContain('59000 > PUBLISH a "" q0');
      expect(t.broker.wire('client-1').filter((row) => row.includes(PINGREQ))).toEqual([]);
      expect(client.state.status).toBe('connected');
    });
  });

  it('pings on a line that is busy outbound alone, because the broker may be gone', () => {
    draw((t) => {
      const client = t.connect({ keepalive: 5 });
      everySecond(t, 11_000, () => fire(client.publish('a', '')));
      //                  the silence is the broker's: from CONNACK at 2, from PINGRESP at 4504
      t.expectSent().toBe('C 999ms a 999ms a 999ms a 999ms a 501ms P 497ms a 999ms a 999ms a 999ms a 999ms a---P', {
        C: CONNECT,
        a: 'PUBLISH a "" q0',
        P: PINGREQ,
      });
    });
  });

  it('pings on a line that is busy inbound alone, because the broker may not know of us', () => {
    draw((t) => {
      t.connect({ keepalive: 10 });
      everySecond(t, 20_000, () => t.publish('b', { b: ['b'] }));
      t.expectSent().toBe('C 8999ms P 8999ms P 2s', { C: CONNECT, P: PINGREQ });
    });
  });

  it('counts silence anew from each packet', () => {
    draw((t) => {
      const client = t.connect({ keepalive: 10 });
      t.at(5000, () => fire(client.publish('a', '')));
      t.publish(' 5s b', { b: ['b'] });
      t.expectSent().toBe('C 4999ms a 8999ms P 5s', { C: CONNECT, a: 'PUBLISH a "" q0', P: PINGREQ });
    });
  });
});

describe('a line that is dead', () => {
  const silent = (test: (t: MqttTest) => void): void =>
    draw((t) => {
      t.answer('pingreq', () => undefined);
      test(t);
    });

  it('is closed without DISCONNECT when PINGRESP is missing, within one and a half periods', () => {
    silent((t) => {
      t.connect({ keepalive: 10 });
      t.expectSent().toBe(' C 8999ms P 5999ms    C', { C: CONNECT, P: PINGREQ });
      t.expectState().toBe('c-C 13997ms r 999ms c', {
        c: /^connecting/,
        C: 'connected',
        r: 'reconnecting 1 in 1000',
      });
    });
  });

  it('is noticed though the client goes on publishing', () => {
    silent((t) => {
      const client = t.connect({ keepalive: 10, reconnect: false });
      everySecond(t, 15_000, () => fire(client.publish('a', '')));
      t.expectState().toBe('c-C 13999ms e 1s', { c: 'connecting 1', C: 'connected', e: 'ended TimeoutError TIMEOUT' });
      t.to(14_002);
      t.expectWire().toContain('14002 closed');
    });
  });

  it('is noticed after pingTimeout where that is given', () => {
    silent((t) => {
      t.connect({ keepalive: 10, pingTimeout: 300, reconnect: false });
      t.expectSent().toBe(' C 8999ms P 1s', { C: CONNECT, P: PINGREQ });
      t.expectState().toBe('c-C 9297ms e', { c: 'connecting 1', C: 'connected', e: 'ended TimeoutError TIMEOUT' });
    });
  });

  it('is noticed within one and a half of the period that the broker set, whatever pingTimeout says', () => {
    silent((t) => {
      t.answer('connect', () => connackWith({ serverKeepAlive: 4 }));
      t.connect({ keepalive: 60, pingTimeout: 50_000, reconnect: false });
      t.expectSent().toBe(' C 3599ms P 3s', { C: CONNECT, P: PINGREQ });
      t.expectState().toBe('c-C 5597ms e', { c: 'connecting 1', C: 'connected', e: 'ended TimeoutError TIMEOUT' });
    });
  });

  it('is alive when anything comes in after the ping', () => {
    silent((t) => {
      t.connect({ keepalive: 10, reconnect: false });
      t.publish('9999ms b', { b: ['a'] });
      t.expectReceived().toBe('--A 9997ms b 4500ms', { A: 'CONNACK', b: 'PUBLISH a "" q0' });
      t.expectState().toBe('   c-C 14500ms', { c: 'connecting 1', C: 'connected' });
    });
  });

  it('a late PINGRESP is as good as an early one', () => {
    silent((t) => {
      t.answer('pingreq', (_, peer) => {
        t.at(13_998, () => peer.send({ cmd: 'pingresp' }));
        return undefined;
      });
      t.connect({ keepalive: 10, reconnect: false });
      t.expectReceived().toBe('--A 13996ms R', { A: 'CONNACK', R: 'PINGRESP' });
      t.expectState().toBe('   c-C 15s', { c: 'connecting 1', C: 'connected' });
    });
  });
});

describe('ping()', () => {
  it('emits the round trip in ms', () => {
    draw((t) => {
      const client = t.connect();
      t.broker.line('client-1').delay('< pingresp', 40);
      t.expectObservable(client.ping(), '100ms ^').toBe('142ms (r|)', { r: 42 });
      t.expectSent().toBe('C 99ms P', { C: CONNECT, P: PINGREQ });
    });
  });

  it('errors without a connection, and when the connection is lost', () => {
    draw((t) => {
      const client = t.connect();
      const lost = expect.objectContaining({ name: 'ConnectError', code: 'CONNECTION_LOST' });
      t.answer('pingreq', () => CUT);
      t.expectObservable(client.ping(), '-^').toBe(' -#', {}, lost);
      t.expectObservable(client.ping(), '--- 7ms ^').toBe('11ms #', {}, lost);
    });
  });

  it('is cold', () => {
    draw((t) => {
      const ping$ = t.connect().ping();
      t.expectObservable(ping$.pipe(map(() => 'ok')), '-----^').toBe('-------(o|)', { o: 'ok' });
      t.expectObservable(ping$.pipe(map(() => 'ok')), '-----^').toBe('-------(o|)', { o: 'ok' });
      t.expectSent().toBe('C----(PP)', { C: CONNECT, P: PINGREQ });
    });
  });
});

describe('a CONNACK that takes its time', () => {
  const slow = (ms: number, test: (t: MqttTest) => void): void =>
    draw((t) => {
      t.script(`${ms}ms A`, { A: connack() });
      test(t);
    });

  it('[v5 MQTT-3.1.2-20] moves no ping: silence counts from CONNECT', () => {
    slow(6000, (t) => {
      t.connect({ keepalive: 10 });
      t.expectReceived().toBe('6002ms A 2999ms R', { A: 'CONNACK', R: 'PINGRESP' });
      t.expectSent().toBe('C 8999ms P 8999ms P', { C: CONNECT, P: PINGREQ });
    });
  });

  it('is followed by a ping at once when a period has passed, and by no reproach', () => {
    slow(16_000, (t) => {
      t.connect({ keepalive: 10 });
      t.expectReceived().toBe('16002ms A-R', { A: 'CONNACK', R: 'PINGRESP' });
      t.expectSent().toBe(' C 16001ms P 8999ms P', { C: CONNECT, P: PINGREQ });
      t.expectState().toBe('c 16001ms C 9s', { c: 'connecting 1', C: 'connected' });
    });
  });
});
