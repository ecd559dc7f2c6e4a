import { map } from 'rxjs';
import { mqttTest } from '../../src/testing/index.js';

describe('mqttTest', () => {
  it('draws what a client sends', () => {
    mqttTest((t) => {
      const client = t.connect({ keepalive: 10 });
      t.expectSent(client).toBe('C 8999ms P', { C: 'CONNECT v5 clean', P: 'PINGREQ' });
      t.expectReceived(client).toBe('--A 8999ms P', { A: 'CONNACK', P: 'PINGRESP' });
      t.expectState(client).toBe('c-C', { c: 'connecting 1', C: 'connected' });
      t.expectWire(client).toBe(`
           0 > CONNECT v5 clean
           2 < CONNACK
        9000 > PINGREQ`);
    });
  });

  it('tests a pipeline by itself', () => {
    mqttTest((t) => {
      const values$ = t.messages('a 9ms b|', { a: ['t/1', 20], b: ['t/1', 31] }).pipe(map((m) => m.json<number>()));
      t.expectObservable(values$).toBe('a 9ms b|', { a: 20, b: 31 });
    });
  });
});
