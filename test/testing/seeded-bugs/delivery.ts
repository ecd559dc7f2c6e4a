import { concatMap, delay, filter, of, type Observable } from 'rxjs';
import type { MqttClient, PublishOptions, SubscribeOptions } from '../../../src/index.js';
import type { MqttTest } from '../support.js';
import { bug } from './seeded-bug.js';

type Connect = (t: MqttTest) => MqttClient;
const lasting = { clientId: 'shop', clean: false, sessionExpiry: 600 };
const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });

export const delivery = [
  bug<SubscribeOptions>('subscribes at QoS 0 what must not be lost', { good: { qos: 1 }, bad: {} }, (t, options) => {
    fire(t.connect().subscribe('orders', options));
    t.expectSent().toBe('C-S', { C: 'CONNECT v5 clean', S: /^SUBSCRIBE #1 orders:1/ });
  }),
  bug<Connect>(
    'has no session, and misses what came while it was away',
    { good: (t) => t.connect(lasting), bad: (t) => t.connect({ clientId: 'shop' }) },
    (t, connect) => {
      const seen: string[] = [];
      connect(t)
        .subscribe('orders', { qos: 1 })
        .subscribe((m) => seen.push(m.text()));
      t.at(10, () => t.broker.line('shop').cut());
      t.publish('500ms a', { a: ['orders', 'x', { qos: 1 }] });
      t.to(2000);
      if (seen.join() !== 'x') throw new Error(`the order is lost: ${seen.join()}`);
    },
  ),
  bug<(source: Observable<unknown>) => void>(
    'does not subscribe to the publish, which sends nothing',
    { good: fire, bad: () => undefined },
    (t, send) => {
      const client = t.connect();
      t.at(10, () => send(client.publish('a', 'x')));
      t.expectPublished('a').toBe('11ms x', { x: ['a', 'x'] });
    },
  ),
  bug<PublishOptions>(
    'publishes at QoS 0 what a cut must not lose',
    { good: { qos: 1 }, bad: { qos: 0 } },
    (t, options) => {
      const client = t.connect(lasting);
      t.at(10, () => fire(client.publish('paid', '7', options)));
      t.at(10, () => t.broker.line('shop').cut());
      t.expectPublished('paid').toBe('1013ms p', { p: ['paid', '7'] });
    },
  ),
  bug<PublishOptions>(
    'publishes at QoS 1 what must not come twice',
    { good: { qos: 2 }, bad: { qos: 1 } },
    (t, options) => {
      const client = t.connect(lasting);
      t.broker.line('shop').drop(({ cmd }) => cmd === 'puback' || cmd === 'pubrec');
      t.at(10, () => fire(client.publish('paid', '7', options)));
      t.at(20, () => t.broker.line('shop').cut());
      t.expectPublished('paid').toBe('11ms p 2s', { p: ['paid', '7'] });
    },
  ),
  bug<PublishOptions>('forgets to retain the state of a device', { good: { retain: true }, bad: {} }, (t, options) => {
    fire(t.connect().publish('lamp', 'on', options));
    t.expectPublished('lamp').toBe('---l', { l: 'lamp "on" q0 retain' });
  }),
  bug<(client: MqttClient) => void>(
    'acknowledges what it has not done yet',
    {
      good: (client) =>
        fire(
          client.subscribe('job', { qos: 1, ack: 'manual' }).pipe(
            concatMap((m) => of(m).pipe(delay(100))),
            filter((m) => (m.ack(), true)),
          ),
        ),
      bad: (client) => fire(client.subscribe('job', { qos: 1 }).pipe(concatMap((m) => of(m).pipe(delay(100))))),
    },
    (t, work) => {
      const client = t.connect(lasting);
      work(client);
      t.publish('10ms j', { j: ['job', 'x', { qos: 1 }] });
      t.expectSent('shop').toBe('C-S 108ms A', { C: 'CONNECT v5', S: /^SUBSCRIBE/, A: 'PUBACK #1' });
    },
  ),
  bug<(client: MqttClient) => void>(
    'answers itself for ever',
    {
      good: (client) =>
        client.subscribe('echo', { noLocal: true }).subscribe((m) => fire(client.publish('echo', m.payload))),
      bad: (client) => client.subscribe('echo').subscribe((m) => fire(client.publish('echo', m.payload))),
    },
    (t, echo) => {
      echo(t.connect());
      t.publish('10ms e', { e: ['echo', 'x'] });
      t.expectPublished('echo').toBe('12ms e 20ms', { e: ['echo', 'x'] });
    },
  ),
  bug<(client: MqttClient) => void>(
    'subscribes anew for each message',
    {
      good: (client) => fire(client.subscribe('a')),
      bad: (client) => client.subscribe('a').subscribe((m) => fire(client.subscribe(`${m.topic}/${m.text()}`))),
    },
    (t, listen) => {
      listen(t.connect());
      t.publish('10ms x', { x: ['a', '1'] });
      t.expectSent().toBe('C-S 20ms', { C: 'CONNECT v5 clean', S: /^SUBSCRIBE #1 a:0/ });
    },
  ),
  bug<number | undefined>('gives up a message that has to wait', { good: undefined, bad: 0 }, (t, maxMessages) => {
    const client = t.connect({ ...lasting, ...(maxMessages !== undefined && { offline: { maxMessages } }) });
    t.at(10, () => t.broker.line('shop').cut());
    t.at(20, () => fire(client.publish('a', 'x', { qos: 1 })));
    t.expectPublished('a').toBe('1013ms x', { x: ['a', 'x'] });
  }),
  bug<boolean>('leaves before its last word was heard', { good: false, bad: true }, (t, force) => {
    const client = t.connect({ clientId: 'shop', clean: false, sessionExpiry: 600 });
    t.broker.line('shop').freeze(50);
    t.at(60, () => fire(client.publish('bye', 'x', { qos: 1 })));
    t.at(60, () => t.broker.line('shop').freeze('1s'));
    t.at(61, () => void client.end({ force }));
    t.expectReceived('shop').toBe('51ms A 1009ms P', { A: 'CONNACK', P: /^PUBACK #1/ });
  }),
];
