import { filter, firstValueFrom, lastValueFrom, map, merge, range, take, timer, toArray } from 'rxjs';
import {
  type ClientOptions,
  connect,
  publishTo,
  request,
  respond,
  type MqttClient,
  type MqttMessage,
} from '../../src/index.js';
import { untilActive } from '../support/delivery-suite.js';
import { startMosquitto, type Mosquitto } from './mosquitto.js';

let mosquitto: Mosquitto;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
});
afterAll(() => mosquitto.stop());

const open = (options: Omit<ClientOptions, 'url'> = {}): MqttClient => {
  const client = connect(mosquitto.url('tcp'), { protocolVersion: 5, ...options });
  clients.push(client);
  return client;
};
const connected = (client: MqttClient) =>
  firstValueFrom(client.state$.pipe(filter((state) => state.status === 'connected')));

it('binds topic aliases as far as Mosquitto takes them, and resolves those that it sends', async () => {
  const sender = open({ topicAlias: 'auto' });
  const receiver = open({ properties: { topicAliasMaximum: 5 } });
  const { negotiated } = await connected(sender);
  expect(negotiated.topicAliasMaximum).toBeGreaterThan(0);
  const written: string[] = [];
  sender.packets$.subscribe(({ direction, packet }) => {
    if (direction === 'out' && packet.cmd === 'publish') written.push(packet.topic);
  });
  const received = lastValueFrom(receiver.subscribe('alias/#', { qos: 2 }).pipe(take(12), toArray()));
  await untilActive(receiver, 'alias/#');
  const messages$ = range(0, 12).pipe(
    map((n) => ({ topic: `alias/topic/${n % 3}`, payload: String(n), qos: (n % 3) as 0 | 1 | 2 })),
  );
  await lastValueFrom(messages$.pipe(publishTo(sender)));
  const texts = (await received).map((message) => `${message.topic}=${message.text()}`).sort();
  expect(texts).toEqual(Array.from({ length: 12 }, (_, n) => `alias/topic/${n % 3}=${n}`).sort());
  expect(written.filter((topic) => topic === '')).toHaveLength(9);
});

it('shares a subscription with other clients: each message goes to one of them', async () => {
  const members = [open(), open(), open()];
  const shared = '$share/team/work/#';
  const received = lastValueFrom(
    merge(
      ...members.map((member, index) =>
        member.subscribe(shared, { qos: 1 }).pipe(map((m) => [index, m.text()] as const)),
      ),
    ).pipe(take(30), toArray()),
  );
  await Promise.all(members.map((member) => untilActive(member, shared)));
  const sender = open();
  await lastValueFrom(
    range(0, 30).pipe(
      map((n) => ({ topic: 'work/x', payload: String(n), qos: 1 as const })),
      publishTo(sender),
    ),
  );
  const all = await received;
  expect(new Set(all.map(([, text]) => text)).size).toBe(30);
  expect(new Set(all.map(([index]) => index)).size).toBe(3);
});

it('has no more in flight than Mosquitto takes, and Mosquitto no more than we do', async () => {
  const sender = open();
  const receiver = open({ properties: { receiveMaximum: 2 } });
  const { negotiated } = await connected(sender);
  let open1 = 0;
  let most = 0;
  sender.packets$.subscribe(({ direction, packet }) => {
    if (direction === 'out' && packet.cmd === 'publish') most = Math.max(most, ++open1);
    if (direction === 'in' && packet.cmd === 'puback') open1--;
  });
  const held: MqttMessage[] = [];
  receiver.subscribe('window', { qos: 1, ack: 'manual' }).subscribe((message) => held.push(message));
  await untilActive(receiver, 'window');
  await lastValueFrom(
    range(0, 60).pipe(
      map((n) => ({ topic: 'window', payload: String(n), qos: 1 as const })),
      publishTo(sender),
    ),
  );
  expect(most).toBeLessThanOrEqual(negotiated.receiveMaximum);
  expect(most).toBeGreaterThan(1);
  await lastValueFrom(timer(200));
  expect(held.map((message) => message.text())).toEqual(['0', '1']);
});

it('publishes a will after its delay, and not when the client is back in time', async () => {
  const watcher = open();
  const seen: string[] = [];
  watcher.subscribe('will/#').subscribe((message) => seen.push(message.topic));
  await untilActive(watcher, 'will/#');
  const mortal = (name: string): MqttClient =>
    open({
      clientId: name,
      clean: false,
      sessionExpiry: 60,
      will: { topic: `will/${name}`, payload: 'gone', properties: { willDelayInterval: 1 } },
    });
  const [late, back] = [mortal('late'), mortal('back')];
  await Promise.all([connected(late), connected(back)]);
  await Promise.all([late.end({ reasonCode: 0x04 }), back.end({ reasonCode: 0x04 })]);
  expect(seen).toEqual([]);
  await connected(mortal('back'));
  await firstValueFrom(timer(0, 20).pipe(filter(() => seen.length > 0)));
  await lastValueFrom(timer(1500));
  expect(seen).toEqual(['will/late']);
});

it('lowers the message expiry by the time that a message waited, and drops one that expired', async () => {
  const options = { clientId: 'sleeper', clean: false, sessionExpiry: 60 };
  const sleeper = open(options);
  sleeper.subscribe('expiry', { qos: 1, linger: 1e6 }).subscribe();
  await untilActive(sleeper, 'expiry');
  await sleeper.end();
  const sender = open();
  const send = (text: string, seconds: number) =>
    lastValueFrom(sender.publish('expiry', text, { qos: 1, properties: { messageExpiryInterval: seconds } }));
  await send('short', 1);
  await send('long', 100);
  await lastValueFrom(timer(2100));
  const again = open(options);
  const message = await firstValueFrom(again.subscribe('expiry', { qos: 1 }));
  expect(message.text()).toBe('long');
  expect(message.properties?.messageExpiryInterval).toBeLessThanOrEqual(98);
});

it('answers requests, and errors those without a responder', async () => {
  const [server, client] = [open(), open()];
  respond(server, 'rpc/echo', (asked) => `${asked.text()}!`).subscribe();
  await untilActive(server, 'rpc/echo');
  const replies = await Promise.all(['a', 'b', 'c'].map((text) => lastValueFrom(request(client, 'rpc/echo', text))));
  expect(replies.map((reply) => reply.text())).toEqual(['a!', 'b!', 'c!']);
  await expect(lastValueFrom(request(client, 'rpc/nobody', ''))).rejects.toMatchObject({ reasonCode: 0x10 });
});
