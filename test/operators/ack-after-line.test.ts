import { map, timer } from 'rxjs';
import { ackAfter } from '../../src/index.js';
import { mqttTest, type MqttTest } from '../../src/testing/index.js';

/** A worker whose session outlives its connections, and what is published to it. */
function worker(t: MqttTest, receiveMaximum: number) {
  const client = t.connect({ clientId: 'worker', clean: false, sessionExpiry: 600, properties: { receiveMaximum } });
  t.publish('9ms (abxy)', {
    a: ['jobs/a', '50', { qos: 1 }],
    b: ['jobs/a', '20', { qos: 1 }],
    x: ['jobs/x', '10', { qos: 1 }],
    y: ['jobs/y', '10', { qos: 1 }],
  });
  return client.subscribe('jobs/+', { qos: 1, ack: 'manual' });
}

const byTopic = ({ topic }: { topic: string }): string => topic;

describe('ackAfter on a line', () => {
  it('[v5 MQTT-4.6.0-2] works on keys side by side, and acknowledges in the order of arrival', () => {
    mqttTest((t) => {
      const done$ = worker(t, 10).pipe(
        ackAfter((job) => timer(Number(job.text())).pipe(map(() => job.topic.at(-1))), {
          concurrency: 3,
          key: byTopic,
        }),
      );
      t.expectObservable(done$).toBe('20ms (xy) 36ms a 19ms b 100ms', { a: 'a', b: 'a', x: 'x', y: 'y' });
      t.expectSent('worker').toBe('C-S 57ms A 19ms (BXY) 1s', {
        C: /^CONNECT/,
        S: /^SUBSCRIBE/,
        A: 'PUBACK #1',
        B: 'PUBACK #2',
        X: 'PUBACK #3',
        Y: 'PUBACK #4',
      });
    });
  });

  it('lets the broker send no more than receiveMaximum, so that work that waits is bounded', () => {
    mqttTest((t) => {
      worker(t, 2)
        .pipe(ackAfter((job) => timer(Number(job.text())), { concurrency: 2, key: byTopic }))
        .subscribe();
      t.expectReceived('worker').toBe('--A-U 5ms (12) 48ms 3 19ms 4', {
        A: /^CONNACK/,
        U: /^SUBACK/,
        1: /^PUBLISH #1 jobs.a/,
        2: /^PUBLISH #2 jobs.a/,
        3: /^PUBLISH #\d jobs.x/,
        4: /^PUBLISH #\d jobs.y/,
      });
      t.to(200);
    });
  });

  it('gets unacknowledged messages again after a lost connection, in order', () => {
    mqttTest((t) => {
      const log: string[] = [];
      worker(t, 10)
        .pipe(
          ackAfter(
            (job) => {
              log.push(`${job.topic} ${job.text()}`);
              return timer(Number(job.text()));
            },
            { concurrency: 3, key: byTopic },
          ),
        )
        .subscribe();
      t.at(15, () => t.broker.line('worker').cut());
      t.to('3s');
      expect(log).toEqual([
        'jobs/a 50',
        'jobs/x 10',
        'jobs/y 10',
        // What was under way and what waited goes on; the broker sends all four again.
        'jobs/a 20',
        'jobs/a 50',
        'jobs/x 10',
        'jobs/y 10',
        'jobs/a 20',
      ]);
      expect(t.broker.wire('worker').filter((row) => row.includes('PUBACK'))).toHaveLength(4);
    });
  });
});
