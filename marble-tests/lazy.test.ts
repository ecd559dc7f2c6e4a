import type { Observable } from 'rxjs';
import { mqttTest, puback, suback, unsuback, type MqttTest } from 'rxmqtt/testing';

const CONNECT = 'CONNECT v5 clean';
const STATES = { c: 'connecting 1', C: 'connected', i: 'idle' };

/** The broker is scripted: it answers CONNECT, SUBSCRIBE and UNSUBSCRIBE. */
const draw = (test: (t: MqttTest) => void): void =>
  void mqttTest(
    (t) => {
      t.answer('subscribe', ({ packetId, subscriptions }) => suback(packetId, ...subscriptions.map(() => 0)));
      t.answer('unsubscribe', ({ packetId, filters }) => unsuback(packetId, ...filters.map(() => 0)));
      test(t);
    },
    { broker: false },
  );
const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });

describe('a lazy client', () => {
  it('opens nothing until it is needed', () => {
    draw((t) => {
      const client = t.connect({ lazy: true });
      client.subscribe('a');
      client.publish('a', '');
      t.expectSent().toBe(' 100s', {});
      t.expectState().toBe('100s', {});
      t.to('100s');
      expect(client.state.status).toBe('idle');
    });
  });

  it('connects with the first subscription and rests `linger` ms after the last one left', () => {
    draw((t) => {
      const client = t.connect({ lazy: true, linger: 500 });
      t.expectObservable(client.subscribe('a'), '10ms ^ 9ms          !').toBe('');
      t.expectObservable(client.subscribe('b'), '10ms ^ 989ms            !').toBe('');
      t.expectSent().toBe('                      10ms C-S 7ms  U 979ms V 499ms D', {
        C: CONNECT,
        S: /^SUBSCRIBE/,
        U: /^UNSUBSCRIBE .* a$/,
        V: /^UNSUBSCRIBE .* b$/,
        D: 'DISCONNECT',
      });
      t.expectState().toBe('                     10ms c-C 1487ms i', STATES);
    });
  });

  it('connects for a publish, and stays until it is acknowledged', () => {
    draw((t) => {
      t.answer('publish', ({ packetId }, peer) => {
        t.at(1000, () => peer.send(puback(packetId)));
        return undefined;
      });
      const client = t.connect({ lazy: true, linger: 100 });
      t.at(10, () => fire(client.publish('a', '', { qos: 1 })));
      t.expectReceived().toBe('12ms A 988ms K', { A: 'CONNACK', K: 'PUBACK #1' });
      t.expectSent().toBe('    10ms C-P 1088ms D', { C: CONNECT, P: 'PUBLISH #1 a "" q1', D: 'DISCONNECT' });
      t.to(1101);
      t.expectWire().toContain('1101 > DISCONNECT');
    });
  });

  it('stays when it is needed again within `linger`, and connects again after it', () => {
    draw((t) => {
      const client = t.connect({ lazy: true, linger: 100 });
      fire(client.publish('a', ''));
      t.at(60, () => fire(client.publish('b', '')));
      t.at(500, () => fire(client.publish('c', '')));
      t.expectSent().toBe(' C-a 57ms b 99ms D 339ms C-c', {
        C: CONNECT,
        a: 'PUBLISH a "" q0',
        b: 'PUBLISH b "" q0',
        c: 'PUBLISH c "" q0',
        D: 'DISCONNECT',
      });
      t.expectState().toBe('c-C 157ms        i 339ms c-C', STATES);
    });
  });

  it('may linger for ever', () => {
    draw((t) => {
      const client = t.connect({ lazy: true, linger: Infinity, keepalive: 0 });
      fire(client.publish('a', ''));
      t.expectState().toBe('c-C 9000s', STATES);
    });
  });

  it('rests also when it cannot connect', () => {
    draw((t) => {
      t.broker.line('client-1').refuse(undefined, 9);
      const client = t.connect({ lazy: true, linger: 100 });
      t.at(10, () => {
        const subscription = client.subscribe('a').subscribe();
        t.at(50, () => subscription.unsubscribe());
      });
      t.expectState().toBe('10ms (cr) 136ms i 9s', { ...STATES, r: 'reconnecting 2 in 1000' });
    });
  });
});
