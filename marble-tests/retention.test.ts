import { map } from 'rxjs';
import type { Retention } from 'rxmqtt';
import { mqttTest, type MqttTest } from 'rxmqtt/testing';

/** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

const LOST = expect.objectContaining({
  name: expect.stringMatching(/^(ConnectError|SubscribeError)$/),
  code: 'CONNECTION_LOST',
});
const table: readonly [Retention, { q0: boolean; q1: boolean; subscribe: boolean }][] = [
  ['all', { q0: true, q1: true, subscribe: true }],
  ['acknowledged', { q0: false, q1: true, subscribe: true }],
  ['qos1', { q0: false, q1: true, subscribe: false }],
  ['nothing', { q0: false, q1: false, subscribe: false }],
];

describe.each(table)('retention %s', (retention, waits) => {
  it('says what may be asked for without a connection', () => {
    draw((t) => {
      t.broker.line('client-1').refuse(undefined, 9);
      const client = t.connect({ retention });
      const [waiting, failing] = ['100ms - 500ms', '100ms #'];
      t.expectObservable(client.publish('a', ''), '            100ms ^').toBe(waits.q0 ? waiting : failing, {}, LOST);
      t.expectObservable(client.publish('a', '', { qos: 1 }), '100ms ^').toBe(waits.q1 ? waiting : failing, {}, LOST);
      t.expectObservable(client.subscribe('a'), '              100ms ^').toBe(
        waits.subscribe ? waiting : failing,
        {},
        LOST,
      );
    });
  });

  it('says what outlives the loss of the connection', () => {
    draw((t) => {
      const client = t.connect({ retention });
      const line = t.broker.line('client-1');
      t.at(10, () => line.congest(1));
      t.at(12, () => line.congest('1s'));
      t.at(16, () => line.cut());
      const [waiting, failing] = ['---------------- 500ms', '----------------#'];
      const done = map(() => 'done');
      // The socket is full when these two are published; then it takes them, and is full again.
      t.expectObservable(client.publish('a', '').pipe(done), ' ----------^').toBe('-----------(d|)', { d: 'done' });
      t.expectObservable(client.publish('a', '', { qos: 1 }), '----------^').toBe(
        waits.q1 ? waiting : failing,
        {},
        LOST,
      );
      t.expectObservable(client.subscribe('a'), '              -------------^').toBe(
        waits.subscribe ? waiting : failing,
        {},
        LOST,
      );
      t.expectObservable(client.publish('b', '', { qos: 2 }), '-------------^').toBe(
        waits.q1 ? waiting : failing,
        {},
        LOST,
      );
    });
  });
});

it('offline.qos0: false lets only QoS 1 and 2 wait', () => {
  draw((t) => {
    t.broker.line('client-1').refuse(undefined, 9);
    const client = t.connect({ offline: { qos0: false } });
    const lost = expect.objectContaining({ name: 'ConnectError', code: 'CONNECTION_LOST' });
    t.expectObservable(client.publish('a', ''), '            100ms ^').toBe('100ms #', {}, lost);
    t.expectObservable(client.publish('a', '', { qos: 1 }), '100ms ^').toBe('100ms - 500ms');
  });
});
