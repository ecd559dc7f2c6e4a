import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { asyncScheduler, lastValueFrom, Observable, Subject, Subscription } from 'rxjs';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { publishTo, type Publishable, type Publisher } from '../../src/operators/publish-to.js';
import { overTcp, type Pair } from './peer.js';

const MESSAGES = 500;

let pair: Pair;

beforeEach(async () => {
  pair = await overTcp();
});

afterEach(() => pair.close());

/** What cannot be reached any more is gone afterwards. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // A WeakRef keeps its target until the turn is over.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate);
    collect();
  }
}

function alive(refs: readonly WeakRef<object>[]): number {
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

it('arms no timer for a message that goes out or comes in', async () => {
  const { client, peer } = pair;
  let seen = 0;
  client.subscribe('hall/+', { qos: 1 }).subscribe(() => seen++);
  await lastValueFrom(client.publish('ready', '', { qos: 1 }));
  const schedule = jest.spyOn(asyncScheduler, 'schedule');
  for (let index = 0; index < MESSAGES; index++) client.publish('hall/7', 'warm', { qos: 1 }).subscribe();
  peer.send(
    Array.from({ length: MESSAGES }, (_, index) => {
      return new PublishPacket('hall/7', new Uint8Array(8), 1, false, false, index + 1, undefined);
    }),
  );
  await lastValueFrom(client.publish('hall/7', 'last', { qos: 1 }));
  while (seen < MESSAGES) await new Promise(setImmediate);
  const calls = schedule.mock.calls.length;
  schedule.mockRestore();
  expect(calls).toBe(0);
});

it('keeps no subscription of a publish that is over', async () => {
  const { client } = pair;
  const refs: WeakRef<Subscription>[] = [];
  for (let index = 0; index < MESSAGES; index++) {
    refs.push(new WeakRef(client.publish('hall/7', 'warm', { qos: 1 }).subscribe()));
  }
  expect(alive(refs)).toBe(MESSAGES);
  await lastValueFrom(client.publish('hall/7', 'last', { qos: 1 }));
  await collectGarbage();
  expect(alive(refs)).toBe(0);
});

it('keeps no subscription of a publish that is over while publishTo goes on', async () => {
  const { client } = pair;
  const refs: WeakRef<Subscription>[] = [];
  const watched: Publisher = {
    publish: (topic, payload, options) =>
      new Observable((subscriber) => {
        refs.push(new WeakRef<Subscription>(subscriber));
        return client.publish(topic, payload, options).subscribe(subscriber);
      }),
  };
  const messages$ = new Subject<Publishable>();
  let receipts = 0;
  const running = messages$.pipe(publishTo(watched)).subscribe(() => receipts++);
  for (let index = 0; index < MESSAGES; index++) messages$.next({ topic: 'hall/7', payload: 'warm', qos: 1 });
  while (receipts < MESSAGES) await new Promise(setImmediate);
  await collectGarbage();
  expect(refs).toHaveLength(MESSAGES);
  expect(alive(refs)).toBe(0);
  running.unsubscribe();
});
