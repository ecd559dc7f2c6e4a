import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { map, tap, type Observable } from 'rxjs';
import type { MqttClient, MqttMessage, PublishOptions } from 'rxmqtt';
import type { MqttTest } from 'rxmqtt/testing';
import { acksInOrder, receiveMaximum } from './acknowledging.js';
import { backoff, keepAlive } from './connecting.js';
import { drawings } from './index.js';
import { perform, type Scene } from './perform.js';
import { cancelQueued, dropOldest, outbox, publishQos, sendWindow } from './publishing.js';
import { sessionLost, sessionResumed } from './sessions.js';
import { coldSubscribe, linger, refusedFilter, twoObservers, unsubscribe } from './subscribing.js';

const text = map((message: MqttMessage) => message.text());
const publish = (client: MqttClient, topic: string, payload: string, options?: PublishOptions): Observable<string> =>
  client.publish(topic, payload, options).pipe(map(() => 'receipt'));
/** The broker publishes: the message arrives 1 ms later. */
const arrives = (t: MqttTest, at: number, topic: string, payload: string, qos: 0 | 1 = 0): void =>
  t.at(at - 1, () => t.broker.publish({ topic, payload, qos }));

type Given<K extends keyof Scene> = NonNullable<Scene[K]>;

const docs = join(__dirname, '../../docs');
const pages = (readdirSync(docs, { recursive: true }) as string[])
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(join(docs, name), 'utf8'))
  .join('\n');

describe('docs/diagrams', () => {
  it('holds what the diagrams draw, and nothing else', () => {
    const held = readdirSync(join(docs, 'diagrams')).map((name) => [
      name.replace(/\.svg$/, ''),
      readFileSync(join(docs, 'diagrams', name), 'utf8'),
    ]);
    // `npm run docs` writes them.
    expect(Object.fromEntries(held)).toEqual(drawings);
  });

  it.each(Object.keys(drawings))('%s is shown by a page, with words for those who do not see it', (name) => {
    expect(pages).toMatch(new RegExp(`!\\[[^\\]]{60,}\\]\\((\\.\\./)?diagrams/${name}\\.svg\\)`));
  });
});

describe('what the documents draw is what the client does', () => {
  it('a subscription is cold: SUBSCRIBE and UNSUBSCRIBE follow its observers', () => {
    perform(coldSubscribe, {
      others: (t) => arrives(t, 17, 'hall/7', '21.5'),
      streams: (_, client) => ({ messages: client.subscribe('hall/+', { qos: 1 }).pipe(text) }),
    });
  });

  it('a later observer gets the retained message alone', () => {
    perform(twoObservers, {
      others: (t) => {
        t.broker.publish({ topic: 'door', payload: 'open', retain: true });
        arrives(t, 25, 'door', 'shut');
      },
      streams: (_, client) => {
        const door$ = client.subscribe('door').pipe(text);
        return { 'observer 1': door$, 'observer 2': door$ };
      },
    });
  });

  it('linger keeps the subscription for a while', () => {
    perform(linger, {
      others: (t) => {
        arrives(t, 15, 'door', '1');
        arrives(t, 20, 'door', '2');
        arrives(t, 25, 'door', '3');
      },
      streams: (_, client) => {
        const door$ = client.subscribe('door', { linger: 10 }).pipe(text);
        return { 'observer 1': door$, 'observer 2': door$ };
      },
    });
  });

  it('unsubscribe() delivers until UNSUBACK', () => {
    perform(unsubscribe, {
      others: (t) => {
        arrives(t, 13, 'door', '1');
        arrives(t, 16, 'door', '2');
      },
      streams: (_, client) => ({
        messages: client.subscribe('door').pipe(text),
        'unsubscribe()': client.unsubscribe('door').pipe(map(([code]) => `code ${code}`)),
      }),
    });
  });

  it('a refused filter errors alone', () => {
    perform(refusedFilter, {
      kit: { broker: { authorizeSubscribe: ({ topicFilter }) => (topicFilter === 'secret/#' ? 0x87 : true) } },
      others: (t) => arrives(t, 19, 'hall/7', '21.5'),
      streams: (_, client) => ({
        'hall/#': client.subscribe('hall/#').pipe(text),
        'secret/#': client.subscribe('secret/#').pipe(text),
      }),
    });
  });

  it('a publish completes by its QoS', () => {
    perform(publishQos, {
      streams: (_, client) => ({
        'QoS 0': publish(client, 'hall/7', 'a'),
        'QoS 1': publish(client, 'hall/7', 'b', { qos: 1 }),
        'QoS 2': publish(client, 'hall/7', 'c', { qos: 2 }),
      }),
    });
  });

  const soon: Given<'client'> = { reconnect: { minDelay: 10 } };
  const publishes =
    (...qos: (0 | 1)[]): Given<'streams'> =>
    (_, client) =>
      Object.fromEntries(
        [...'abc'].map((name, i) => [`publish ${name}`, publish(client, 'hall/7', name, { qos: qos[i] ?? 1 })]),
      );
  const breaks: Given<'deeds'> = (t) => ({ breaks: () => t.broker.line('c').cut() });

  it('a publish that waits can be cancelled', () => {
    perform(cancelQueued, { client: soon, others: (t) => t.broker.line('c').refuse(), streams: publishes() });
  });

  it('the outbox keeps the order', () => {
    perform(outbox, { client: soon, deeds: breaks, streams: publishes(1, 1, 0) });
  });

  it('the outbox drops the oldest message', () => {
    const offline = { maxMessages: 2, overflow: 'drop-oldest' } as const;
    perform(dropOldest, { client: { ...soon, offline }, deeds: breaks, streams: publishes() });
  });

  it('a full window holds a publish back', () => {
    perform(sendWindow, { kit: { broker: { limits: { receiveMaximum: 1 } } }, streams: publishes() });
  });

  const resuming: Given<'client'> = { ...soon, clean: false, sessionExpiry: 3600 };
  const both: Given<'streams'> = (_, client) => ({
    messages: client.subscribe('hall/#', { qos: 1 }).pipe(text),
    publish: publish(client, 'log', 'x', { qos: 1 }),
  });

  it('a resumed session goes on', () => {
    perform(sessionResumed, {
      client: resuming,
      kit: { latency: 3 },
      others: (t) => arrives(t, 22, 'hall/7', 'away', 1),
      deeds: breaks,
      streams: both,
    });
  });

  it('a lost session is restored', () => {
    perform(sessionLost, {
      client: resuming,
      others: (t) => t.at(18, () => t.broker.line('c').forgetSession()),
      deeds: breaks,
      streams: both,
    });
  });

  /** Three jobs that are acknowledged by hand. */
  const jobs = (): Scene => {
    const came = new Map<string, MqttMessage>();
    return {
      others: (t) => ['1', '2', '3'].forEach((payload) => arrives(t, 15, 'job', payload, 1)),
      deeds: () => Object.fromEntries(['1', '2', '3'].map((n) => [`ack ${n}`, () => came.get(n)?.ack()])),
      streams: (_, client) => ({
        messages: client.subscribe('job', { qos: 1, ack: 'manual' }).pipe(
          tap((message) => came.set(message.text(), message)),
          text,
        ),
      }),
    };
  };

  it('acknowledgements leave in the order of arrival', () => {
    perform(acksInOrder, jobs());
  });

  it('the broker stops at Receive Maximum', () => {
    perform(receiveMaximum, { ...jobs(), client: { properties: { receiveMaximum: 2 } } });
  });

  it('attempts back off', () => {
    perform(backoff, { others: (t) => t.broker.line('c').refuse(undefined, 2) });
  });

  it('keep-alive finds a dead line', () => {
    perform(keepAlive, {
      client: { keepalive: 10 },
      deeds: (t) => ({ freezes: () => t.broker.line('c').freeze('1h') }),
    });
  });
});
