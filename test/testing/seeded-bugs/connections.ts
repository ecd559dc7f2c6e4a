import { filter, map, timeout, type Observable } from 'rxjs';
import type { BackoffOptions, ClientOptions, MqttClient } from '../../../src/index.js';
import { fakeClient, type FakeClient, type MqttTest } from '../support.js';
import { bug } from './seeded-bug.js';

const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const will = { topic: 'presence/shop', payload: 'gone', retain: true };

export const connections = [
  bug<ClientOptions>('has no will', { good: { will }, bad: {} }, (t, options) => {
    t.connect({ clientId: 'shop', ...options });
    t.at(10, () => t.broker.line('shop').cut());
    t.expectPublished('presence/#').toBe('10ms w', { w: ['presence/shop', 'gone'] });
  }),
  bug<number>('notices a dead line after minutes', { good: 10, bad: 300 }, (t, keepalive) => {
    const client = t.connect({ clientId: 'shop', keepalive });
    t.at(10, () => t.broker.line('shop').freeze('10m'));
    t.to('20s');
    if (client.state.status === 'connected') throw new Error('it is as if nothing was wrong');
  }),
  bug<ClientOptions['reconnect']>('does not come back', { good: {}, bad: false }, (t, reconnect = {}) => {
    t.connect({ clientId: 'shop', reconnect });
    t.at(10, () => t.broker.line('shop').cut());
    t.expectSent('shop').toBe('C 1009ms C', { C: 'CONNECT v5 clean' });
  }),
  bug<BackoffOptions>('hammers a broker that is down', { good: {}, bad: { maxDelay: 1000 } }, (t, reconnect) => {
    t.connect({ clientId: 'shop', reconnect });
    t.broker.line('shop').refuse(0x88, 3);
    t.expectSent('shop').toBe('C 1001ms C 2001ms C', { C: 'CONNECT v5 clean' });
  }),
  bug<(client: MqttClient) => void>(
    'says that it is there at its first connection only',
    {
      good: (client) =>
        client.state$
          .pipe(filter(({ status }) => status === 'connected'))
          .subscribe(() => fire(client.publish('presence', 'on'))),
      bad: (client) => fire(client.publish('presence', 'on')),
    },
    (t, announce) => {
      announce(t.connect({ clientId: 'shop' }));
      t.at(10, () => t.broker.line('shop').cut());
      t.expectPublished('presence').toBe('---p 1009ms p', { p: ['presence', 'on'] });
    },
  ),
  bug<(client: MqttClient) => Observable<unknown>>(
    'waits for an answer for ever',
    {
      good: (client) => client.subscribe('answer').pipe(timeout({ first: 100, with: () => ['none'] })),
      bad: (client) => client.subscribe('answer'),
    },
    (t, ask) => {
      t.expectObservable(ask(t.connect())).toBe('100ms (n|)', { n: 'none' });
    },
  ),
  bug<ClientOptions>(
    'subscribes to nothing anew when the broker has lost the session',
    { good: {}, bad: { resubscribe: false } },
    (t, options) => {
      const client = t.connect({ clientId: 'shop', clean: false, sessionExpiry: 600, ...options });
      fire(client.subscribe('a'));
      t.at(10, () => t.broker.line('shop').forgetSession());
      t.at(10, () => t.broker.line('shop').cut());
      t.to(2000);
      t.expectWire('shop').toContain(`
        1012 < CONNACK
        1012 > SUBSCRIBE #2 a:0 id=2`);
    },
  ),
  bug<(next: () => string) => ClientOptions>(
    'shows a token that has expired',
    {
      good: (next) => ({ beforeConnect: () => ({ username: next() }) }),
      bad: (next) => ({ username: next() }),
    },
    (t, options) => {
      let tokens = 0;
      t.connect({ clientId: 'shop', ...options(() => `u${++tokens}`) });
      t.at(10, () => t.broker.line('shop').cut());
      t.expectSent('shop').toBe('C 1009ms D', { C: 'CONNECT v5 clean user=u1', D: 'CONNECT v5 clean user=u2' });
    },
  ),
];

/** A component as an application has it. */
class Panel {
  readonly texts: string[] = [];
  constructor(client: MqttClient, subscribe: (client: MqttClient, panel: Panel) => () => void) {
    this.destroy = subscribe(client, this);
  }
  readonly destroy: () => void;
}

type Attach = (client: MqttClient, panel: Panel) => () => void;

const attach: Attach = (client, panel) => {
  const subscription = client.subscribe('hall').subscribe((m) => panel.texts.push(m.text()));
  return () => subscription.unsubscribe();
};

const check = (client: FakeClient, holds: boolean, what: string): void => {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(client.subscribed)}`);
};

export const components = [
  bug<Attach>(
    'observes on when it is destroyed',
    { good: attach, bad: (client, panel) => (attach(client, panel), () => undefined) },
    (_: MqttTest, how) => {
      const client = fakeClient();
      new Panel(client, how).destroy();
      check(client, client.subscribed.length === 0, 'it still observes');
    },
  ),
  bug<Attach>(
    'shows each message twice',
    {
      good: attach,
      bad: (client, panel) => {
        attach(client, panel);
        return attach(client, panel);
      },
    },
    (_, how) => {
      const client = fakeClient();
      const panel = new Panel(client, how);
      client.emit('hall', 'x');
      check(client, panel.texts.join() === 'x', 'it shows it more than once');
    },
  ),
  bug<Attach>(
    'misses what the broker has retained',
    {
      good: attach,
      bad: (client, panel) => {
        const subscription = client
          .subscribe('hall')
          .pipe(
            filter((m) => !m.retain),
            map((m) => m.text()),
          )
          .subscribe((text) => panel.texts.push(text));
        return () => subscription.unsubscribe();
      },
    },
    (_, how) => {
      const client = fakeClient();
      client.emit('hall', 'x', { retain: true });
      check(client, new Panel(client, how).texts.join() === 'x', 'it shows nothing');
    },
  ),
];
