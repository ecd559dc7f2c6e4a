import 'rxmqtt/testing/jest';
import { Subject, timer } from 'rxjs';
import { connect } from '../../src/index.js';
import { connack, disconnect, failure, failureOf, message, mqttTest } from './support.js';

describe('a failure tells the field that differs', () => {
  it('where the words of two messages are the same', () => {
    const problem = failure((t) => {
      t.expectObservable(t.messages('a', { a: ['a', 'x', { properties: { contentType: 'b' } }] })).toBe('a', {
        a: message('a', 'x', { properties: { contentType: 'c' } }),
      });
    });
    expect(problem).toContain('a "x" q0 instead of a "x" q0 at 0 ms: properties.contentType is "b", not "c"');
  });

  it('of a packet', () => {
    const problem = failure(
      (t) => {
        t.answer('connect', () => connack({ properties: { receiveMaximum: 5 } }));
        t.connect();
        t.expectReceived().toBe('--A', { A: { cmd: 'connack', properties: { receiveMaximum: 6 } } });
      },
      { broker: false },
    );
    expect(problem).toContain('properties.receiveMaximum is 5, not 6');
  });

  it('of a message that is named as a tuple', () => {
    const problem = failure((t) => {
      t.connect()
        .publish('a', 'x', { qos: 1, properties: { contentType: 'b' } })
        .subscribe();
      t.expectPublished().toBe('---a', { a: ['a', 'x', { qos: 1, properties: { contentType: 'c' } }] });
    });
    expect(problem).toContain('properties.contentType is "b", not "c"');
  });
});

describe('expectations', () => {
  it('of messages says nothing of their packet identifiers', () => {
    mqttTest((t) => {
      const client = t.connect();
      client.subscribe('b', { qos: 1 }).subscribe();
      t.publish('10ms (bc)', { b: ['b', 'x', { qos: 1 }], c: ['b', 'y', { qos: 1 }] });
      t.expectObservable(client.messages$).toBe('11ms (bc)', {
        b: message('b', 'x', { qos: 1, properties: { subscriptionIdentifier: 1 } }),
        c: ['b', 'y', { qos: 1 }],
      });
    });
  });

  it('may be text where a packet has bytes, and a code in either case', () => {
    mqttTest(
      (t) => {
        t.answer('publish', () => disconnect(0x8b));
        const client = t.connect();
        client.publish('a', 'b').subscribe();
        t.expectSent(client).toBe('C-P', { C: /^CONNECT/, P: { cmd: 'publish', payload: 'b' } });
        t.expectReceived(client).toBe('--A-D', { A: 'CONNACK', D: 'DISCONNECT 0x8B' });
        t.expectWire(client).toContain('4 < DISCONNECT 0x8B');
        t.to(10);
        expect(client).toHaveSent({ cmd: 'publish', payload: 'b' });
      },
      { broker: false },
    );
  });

  it("may be a matcher of one's test framework", () => {
    mqttTest((t) => {
      const client = t.connect();
      client.publish('a', '{"x":1,"y":2}').subscribe();
      t.expectPublished().toBe('---a', { a: ['a', expect.objectContaining({ x: 1 })] });
      t.to(10);
      expect(client).toHavePublished('a', expect.objectContaining({ x: 1 }));
      expect(client).toHavePublished('a', { y: expect.any(Number), x: 1 });
      expect(client).toHavePublished('a', expect.stringContaining('"x"'));
      expect(client).not.toHavePublished('a', expect.objectContaining({ x: 2 }));
      expect(() => expect(client).toHavePublished('a', expect.objectContaining({ x: 2 }))).toThrow(
        'ObjectContaining {"x":2}',
      );
    });
    expect(failure((t) => t.expectObservable(t.cold('a')).toBe('a', { a: expect.any(Number) }))).toContain(
      '"a" instead of Any<Number>',
    );
  });
});

describe('a failure helps', () => {
  it('with a time that has no unit', () => {
    expect(failure((t) => t.expectSent(t.connect()).toBe('C 10 P', { C: 'CONNECT', P: 'PINGREQ' }))).toContain(
      'time needs a unit: 10ms',
    );
  });

  it('with a moment that no diagram can show', () => {
    const problem = failure((t) => {
      const source$ = new Subject<string>();
      t.at(10, () => (source$.next('a'), source$.next('b')));
      t.at(12, () => source$.next('c'));
      t.expectObservable(source$).toBe('10ms (ab) 20ms');
    });
    expect(problem).toContain('  got       10ms (ab)X');
    expect(problem).toContain('  (X is at 12 ms: no diagram can show it this close behind a group)');
  });

  it('with a client that a matcher cannot look at', () => {
    const client = connect({ url: 'mqtt://here', lazy: true });
    expect(() => expect(client).toHavePublished('a')).toThrow(
      'toHavePublished looks at a client of t.connect(), or a fakeClient(), or a test broker: expect(broker); ' +
        'a client of connect() keeps no record of its wire',
    );
    return client.end();
  });

  it('by leaving the frames of the kit out', () => {
    const { stack = '' } = failureOf((t) => {
      t.at(5, () => {
        throw new Error('on purpose');
      });
      t.to(10);
    });
    const frames = stack.split('\n').filter((row) => /^\s+at /.test(row));
    expect(frames[0]).toContain('failures.test.ts');
    expect(frames.filter((frame) => /src\/testing|TestScheduler/.test(frame))).toEqual([]);
  });

  it('with the line of a timer that has fired before', () => {
    const problem = failure((t) => {
      timer(0, 100).subscribe();
      t.to(10);
    });
    expect(problem).toMatch(/a timer \(due in 90 ms\), set at .*failures\.test\.ts/);
  });

  it('by naming a client that was left open, and not its timers', () => {
    const problem = failure((t) => {
      connect({ url: 'mqtt://here', clientId: 'stray', transport: t.broker.transport });
      t.to(10);
    });
    expect(problem.split('\n').slice(1)).toEqual(['  a connection of the client "stray", which the test did not end']);
  });

  it('with the clients that there are', () => {
    expect(
      failure((t) => {
        t.connect();
        t.connect();
        t.expectSent();
      }),
    ).toBe('which client is meant: there are "client-1", "client-2"');
  });
});
