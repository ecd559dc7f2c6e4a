import { map, take } from 'rxjs';
import { ErrorCode, latest } from '../../src/index.js';
import { mqttTest, type MqttTest } from '../../src/testing/index.js';

/** What `latest` shows, in words: `a=1 ...` while the picture is not complete, `a=1` afterwards. */
const words = map(({ value, complete }: { value: ReadonlyMap<string, string>; complete: boolean }) => {
  const all = [...value].map(([topic, text]) => `${topic}=${text}`);
  return [...all, ...(complete ? [] : ['...'])].join(' ');
});

const text = (one: { text(): string }): string => one.text();

/** The broker has these retained messages before the test begins. */
function retained(t: MqttTest, ...topics: readonly string[]): void {
  for (const topic of topics) t.broker.publish({ topic, payload: '1', retain: true });
}

describe('latest', () => {
  it('is complete one round trip after the broker has granted the filter', () => {
    mqttTest((t) => {
      retained(t, 'hall/1', 'hall/2');
      const client = t.connect();
      const latest$ = latest(client, 'hall/+', { map: text }).pipe(words);
      t.expectObservable(latest$).toBe('e---p-c 13ms n', {
        e: '...',
        p: 'hall/1=1 hall/2=1 ...',
        c: 'hall/1=1 hall/2=1',
        n: 'hall/1=1 hall/2=2',
      });
      t.publish('19ms a', { a: ['hall/2', 2] });
      t.expectSent(client).toBe('C-S-P', { C: /^CONNECT/, S: /^SUBSCRIBE/, P: 'PINGREQ' });
    });
  });

  it('is complete with an empty map where nothing is retained', () => {
    mqttTest((t) => {
      const latest$ = latest(t.connect(), 'hall/+', { map: text }).pipe(words);
      t.expectObservable(latest$).toBe('e-----c 1s', { e: '...', c: '' });
    });
  });

  it('has all that came before the answer in the map that is complete, also where maps are rare', () => {
    mqttTest((t) => {
      retained(t, 'hall/1');
      const latest$ = latest(t.connect(), 'hall/+', { map: text, every: 100 }).pipe(words);
      t.publish('4ms a', { a: ['hall/2', 2] });
      t.expectObservable(latest$).toBe('e 103ms p-c 1s', {
        e: '...',
        p: 'hall/1=1 hall/2=2 ...',
        c: 'hall/1=1 hall/2=2',
      });
    });
  });

  it('pings again when the connection is lost before the answer, and stays complete later', () => {
    mqttTest((t) => {
      retained(t, 'hall/1');
      const client = t.connect();
      t.at(5, () => t.broker.line('client-1').cut());
      t.at(3000, () => t.broker.line('client-1').cut());
      t.expectObservable(latest(client, 'hall/+', { map: text }).pipe(words)).toBe('e---p 1006ms c 5s', {
        e: '...',
        p: 'hall/1=1 ...',
        c: 'hall/1=1',
      });
    });
  });

  it('waits until every filter is granted', () => {
    mqttTest((t) => {
      retained(t, 'hall/1', 'yard/1');
      const latest$ = latest(t.connect({ subscribeBatchSize: 1 }), ['hall/+', 'yard/+'], { map: text }).pipe(words);
      t.expectObservable(latest$).toBe('e---p-c', {
        e: '...',
        p: 'hall/1=1 yard/1=1 ...',
        c: 'hall/1=1 yard/1=1',
      });
    });
  });

  it('gets its own retained messages, and pings after that, when another observer has the filter', () => {
    mqttTest((t) => {
      retained(t, 'hall/1');
      const client = t.connect();
      client.subscribe('hall/+').subscribe();
      t.at(20, () => {
        const seen: string[] = [];
        latest(client, 'hall/+', { map: text })
          .pipe(words)
          .subscribe((one) => seen.push(one));
        t.at(30, () => expect(seen).toEqual(['...', 'hall/1=1 ...', 'hall/1=1']));
      });
      t.expectSent(client).toBe('C-S 17ms S-P', { C: /^CONNECT/, S: /^SUBSCRIBE/, P: 'PINGREQ' });
      t.to(40);
    });
  });

  it('hands the options of the subscription on', () => {
    mqttTest((t) => {
      const client = t.connect();
      latest(client, 'hall/+', { qos: 1, noLocal: true, every: 10, max: 5 }).subscribe();
      t.to(5);
      t.expectSent(client).toBe('C-S', { C: /^CONNECT/, S: 'SUBSCRIBE #1 hall/+:1n id=1' });
    });
  });

  it('keeps messages without `map`', () => {
    mqttTest((t) => {
      retained(t, 'hall/1');
      const texts$ = latest(t.connect(), 'hall/+').pipe(map(({ value }) => value.get('hall/1')?.text() ?? 'none'));
      t.expectObservable(texts$).toBe('e---p-c', { e: 'none', p: '1', c: '1' });
    });
  });

  it('errors when the broker refuses the filter', () => {
    mqttTest(
      (t) => {
        const failures: unknown[] = [];
        latest(t.connect(), 'hall/+').subscribe({ error: (error: { code: string }) => failures.push(error.code) });
        t.to(10);
        expect(failures).toEqual([ErrorCode.SUBSCRIBE_REFUSED]);
      },
      { broker: { authorizeSubscribe: () => false } },
    );
  });

  it('unsubscribes, also from inside its first emission', () => {
    mqttTest((t) => {
      const client = t.connect();
      latest(client, 'hall/+').pipe(take(1)).subscribe();
      t.at(10, () => {
        const later = latest(client, 'hall/+').subscribe();
        t.at(20, () => later.unsubscribe());
      });
      t.expectSent(client).toBe('C 9ms S-P 7ms U 1s', {
        C: /^CONNECT/,
        S: /^SUBSCRIBE/,
        P: 'PINGREQ',
        U: /^UNSUBSCRIBE/,
      });
    });
  });
});
