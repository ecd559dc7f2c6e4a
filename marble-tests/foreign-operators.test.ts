import { type Observable } from 'rxjs';
import type { MqttClient } from 'rxmqtt';
import { mqttTest } from 'rxmqtt/testing';
import { throwing, unhandledIn } from '../test/support/throwing.js';

const hot: [string, (client: MqttClient) => Observable<unknown>][] = [
  ['state$', ({ state$ }) => state$],
  ['messages$', ({ messages$ }) => messages$],
  ['packets$', ({ packets$ }) => packets$],
  ['subscriptions$', ({ subscriptions$ }) => subscriptions$],
  ['the same subscription', (client) => client.subscribe('a', { qos: 1 })],
  ['another subscription', (client) => client.subscribe('#', { qos: 1 })],
];

describe('an operator of the application that throws', () => {
  it.each(hot)('harms neither the connection nor the other observers: of %s', async (_, source) => {
    const errors = await unhandledIn(() => {
      mqttTest((t) => {
        const client = t.connect();
        throwing(source(client)).subscribe({ error: () => undefined });
        const received: string[] = [];
        client.subscribe('a', { qos: 1 }).subscribe((message) => received.push(message.text()));
        t.expectState().toBe('c-C 997ms r 999ms c-C', {
          c: 'connecting 1',
          C: 'connected',
          r: 'reconnecting 1 in 1000',
        });
        t.to(100);
        t.broker.publish({ topic: 'a', payload: '1', qos: 1 });
        t.to(1000);
        t.broker.line('client-1').cut();
        t.to('3s');
        t.broker.publish({ topic: 'a', payload: '2', qos: 1 });
        t.to('4s');
        expect(received).toEqual(['1', '2']);
      });
    });
    expect(errors.length).toBeGreaterThan(0);
  });

  it.each(hot)('in its teardown, does not keep `end()` from ending the others: of %s', async (_, source) => {
    const errors = await unhandledIn(() => {
      mqttTest((t) => {
        const client = t.connect();
        t.to(10);
        source(client)
          .subscribe()
          .add(() => {
            throw new Error('thrown by a teardown');
          });
        let completed = 0;
        for (const [, other] of hot) other(client).subscribe({ complete: () => completed++ });
        t.at(20, () => void client.end());
        t.to(40);
        expect(client.state).toEqual({ status: 'ended' });
        expect(completed).toBe(hot.length);
      });
    });
    expect(errors).toHaveLength(1);
  });
});
