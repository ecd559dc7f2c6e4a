import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { bufferCount, firstValueFrom, interval, lastValueFrom, map, range, Subject, takeUntil } from 'rxjs';
import { Pool } from '../../examples/workers/pool.js';
import { createBroker } from '../../src/broker/index.js';
import { connect, publishTo, type MqttClient } from '../../src/index.js';
import { bundledProgram } from '../support/bundled-program.js';
import { checkCapabilities } from './check-capabilities.js';
import { isShort, note } from './findings.js';
import { startMosquitto } from './mosquitto.js';
import { startRedis } from './redis.js';
import { measure } from './sizing.js';

const worker = bundledProgram('examples/workers/main.ts');

const CUSTOMERS = 40;
/** ms between two orders. */
const EACH = isShort ? 10 : 5;
/** How long each number of workers works, in ms. */
const STAGE = isShort ? 1000 : 10_000;

/** Starting processes takes what the machine gives them; this ends a test that hangs. */
const GUARD = 15 * 60_000;

async function startEmbedded(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  const [url = ''] = await broker.listening;
  return { url, stop: () => broker.close() };
}

const BROKERS = [
  ['Mosquitto 2.0', startMosquitto],
  ['embedded', startEmbedded],
] as const;

describe.each(isShort ? BROKERS.slice(0, 1) : BROKERS)('examples/workers on the broker %s', (name, start) => {
  let broker: { readonly url: string; stop(): Promise<void> };
  let server: { readonly url: string; stop(): Promise<void> };
  let redis: Redis;
  let pool: Pool;
  let shop: MqttClient;
  let said: string[];

  beforeEach(async () => {
    [broker, server] = await Promise.all([start(), startRedis()]);
    redis = new Redis(server.url);
    said = [];
    const env = { ...process.env, MQTT_URL: broker.url, REDIS_URL: server.url };
    pool = new Pool(env, (line) => said.push(line), 'worker', [worker]);
    shop = connect(broker.url, { clientId: 'shop' });
    await firstValueFrom(shop.connected$);
  }, 60_000);
  afterEach(async () => {
    await pool.scale(0);
    await shop.end();
    redis.disconnect();
    await Promise.all([broker.stop(), server.stop()]);
  }, 60_000);

  it(
    'carries messages from one process, and many of its connections',
    async () => {
      const sizing = await measure(name, broker.url, {});
      expect(sizing.perSecond).toBeGreaterThan(200);
      expect(sizing.connection).toBeLessThan(200 * 1024);
    },
    GUARD,
  );

  it('keeps and loses what docs/scaling.md says', async () => {
    await checkCapabilities(name, { urls: [broker.url, broker.url, broker.url], options: {} });
  }, 120_000);

  /** Publishes orders until it is told to stop; the result says how many. */
  function publishing(): () => Promise<number> {
    const stop$ = new Subject<void>();
    let published = 0;
    const done = lastValueFrom(
      interval(EACH).pipe(
        takeUntil(stop$),
        map((number) => ({
          topic: `orders/${number % CUSTOMERS}/new`,
          payload: JSON.stringify({ id: String(number), ms: 5 + (number % 7) * 10 }),
          qos: 1 as const,
        })),
        publishTo(shop),
        map(() => ++published),
      ),
    );
    return () => {
      stop$.next();
      return done;
    };
  }

  async function untilDone(count: number): Promise<void> {
    for (const until = Date.now() + 30_000; (await redis.hlen('done')) < count;) {
      if (Date.now() > until) {
        throw new Error(`${await redis.hlen('done')} of ${count} orders are done\n${said.slice(-40).join('\n')}`);
      }
      await delay(50);
    }
  }

  it(
    'from 1 to 8 processes and back under load, nothing is lost and nothing comes twice',
    async () => {
      await pool.scale(1);
      const stop = publishing();
      for (const count of [2, 4, 8, 5, 2, 1]) {
        await delay(STAGE);
        await pool.scale(count);
      }
      await delay(STAGE);
      const published = await stop();
      await untilDone(published);
      const workers = new Set(Object.values(await redis.hgetall('done')));
      note('orders lost, twice, from 1 to 8 workers and back', name, `0, ${await redis.hlen('again')} of ${published}`);
      expect(said.filter((line) => !/ (is at work|has left)$/.test(line))).toEqual([]);
      expect(await redis.hgetall('again')).toEqual({});
      expect(await redis.hlen('done')).toBe(published);
      expect(workers.size).toBe(8);
    },
    GUARD,
  );

  it('workers that leave with a queue in front of them leave nothing behind, and nothing comes twice', async () => {
    const ORDERS = 600;
    await pool.scale(4);
    const orders$ = range(ORDERS).pipe(
      map((number) => ({
        topic: `orders/${number % CUSTOMERS}/new`,
        payload: JSON.stringify({ id: String(number), ms: 20 }),
        qos: 1 as const,
      })),
      publishTo(shop),
      bufferCount(ORDERS),
    );
    await lastValueFrom(orders$);
    await pool.scale(1);
    await untilDone(ORDERS);
    expect(await redis.hlen('done')).toBe(ORDERS);
    expect(await redis.hgetall('again')).toEqual({});
  }, 120_000);

  it('what is no order is set aside, and the others are done', async () => {
    await pool.scale(2);
    const bad = ['{ "id": "1', '{}', '{ "id": 7, "ms": 1 }', 'null', ''];
    for (const payload of bad) await lastValueFrom(shop.publish('orders/eve/new', payload, { qos: 1 }));
    const order = JSON.stringify({ id: 'good', ms: 1 });
    await lastValueFrom(shop.publish('orders/eve/new', order, { qos: 1 }));
    await untilDone(1);
    for (const until = Date.now() + 10_000; (await redis.llen('aside')) < bad.length && Date.now() < until;)
      await delay(50);
    expect((await redis.lrange('aside', 0, -1)).sort()).toEqual([...bad].sort());
    expect(said.filter((line) => line.includes('is no order'))).toHaveLength(bad.length);
    expect(said.filter((line) => line.includes('at work'))).toHaveLength(2);
  }, 120_000);

  it('workers that are told to leave before they are at work, or are wanted again while they leave, lose nothing', async () => {
    await pool.scale(1);
    const stop = publishing();
    // At several moments of their start.
    for (const ms of [50, 150, 250, 350, 500]) {
      const growing = pool.scale(4);
      await delay(ms);
      await Promise.all([growing, pool.scale(1)]);
    }
    const growing = pool.scale(3);
    await growing;
    await Promise.all([pool.scale(1), pool.scale(3)]);
    const published = await stop();
    await untilDone(published);
    expect(await redis.hgetall('again')).toEqual({});
    await pool.scale(0);
    const names = said.filter((line) => line.endsWith('has left')).map((line) => line.split(' ')[0]);
    expect(names.slice(-3).sort()).toEqual(['worker-1', 'worker-2', 'worker-3']);
  }, 240_000);

  it('orders wait while Redis is away', async () => {
    await pool.scale(1);
    await server.stop();
    await lastValueFrom(shop.publish('orders/ann/new', JSON.stringify({ id: 'late', ms: 1 }), { qos: 1 }));
    // Longer than ioredis repeats a command by default.
    await delay(8000);
    server = await startRedis(Number(new URL(server.url).port));
    await untilDone(1);
    expect(await redis.hgetall('again')).toEqual({});
    expect(said.filter((line) => line.includes('at work'))).toHaveLength(1);
  }, 120_000);

  it(
    'what a killed worker had not acknowledged comes again, and is recognised',
    async () => {
      await pool.scale(3);
      const stop = publishing();
      for (let times = 0; times < (isShort ? 2 : 10); times++) {
        await delay(1000);
        await pool.kill('worker-2');
      }
      const published = await stop();
      await untilDone(published);
      const again = await redis.hlen('again');
      note('orders lost, twice, when workers are killed', name, `0, ${again} of ${published}`);
      expect(await redis.hlen('done')).toBe(published);
      // Each that came again was recognised, and told.
      expect(said.filter((line) => line.includes('came again')).length).toBeGreaterThanOrEqual(again);
    },
    GUARD,
  );
});
