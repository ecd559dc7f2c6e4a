/** @jest-environment jsdom */
import { map } from 'rxjs';
import { mqttTest } from './support.js';

describe('under jsdom, whose Uint8Array is another one', () => {
  it('a client has a password, a will and correlation data', () => {
    mqttTest(
      (t) => {
        const client = t.connect({
          username: 'anna',
          password: 'secret',
          will: { topic: 'gone', payload: 'x', properties: { correlationData: Buffer.from('will') } },
        });
        const seen$ = client.subscribe('in').pipe(map((m) => [...(m.properties?.correlationData ?? [])]));
        t.expectObservable(seen$).toBe('12ms a', { a: [105, 100] });
        t.at(10, () => client.publish('in', 'x', { properties: { correlationData: Buffer.from('id') } }).subscribe());
        t.at(20, () => t.broker.line('client-1').cut());
        t.expectPublished('gone').toBe('20ms g', { g: ['gone', 'x'] });
      },
      { broker: { authenticate: ({ password }) => password?.length === 6 } },
    );
  });
});
