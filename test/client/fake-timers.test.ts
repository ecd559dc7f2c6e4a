import { asyncScheduler, NEVER } from 'rxjs';
import { createBroker } from '../../src/broker/index.js';
import { connect } from '../../src/index.js';

type Api = 'performance' | 'Date' | 'hrtime' | 'nextTick' | 'queueMicrotask';

/** Microtasks stay real: the promises of end() and close() settle in them. */
const ALWAYS: Api[] = ['nextTick', 'queueMicrotask'];
const variants: { name: string; doNotFake: Api[] }[] = [
  { name: 'everything', doNotFake: [] },
  { name: 'all but performance', doNotFake: ['performance'] },
  { name: 'all but Date', doNotFake: ['Date'] },
  { name: 'timers alone', doNotFake: ['Date', 'performance', 'hrtime'] },
];

afterEach(() => jest.useRealTimers());

describe.each(variants)('under fake timers that mock $name', ({ doNotFake }) => {
  const begin = (): void => void jest.useFakeTimers({ doNotFake: [...ALWAYS, ...doNotFake] });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    jest.advanceTimersByTime(0);
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      jest.advanceTimersByTime(Math.min(left, 500));
      await settle();
    }
  };

  it('pings keep their period, what waits expires, and time-outs hold', async () => {
    begin();
    const broker = createBroker({ sysInterval: 0 });
    const client = connect({ url: 'mqtt://here', transport: broker.transport, keepalive: 10, ackTimeout: 4000 });
    const sent: string[] = [];
    client.packets$.subscribe(({ direction, packet }) => direction === 'out' && sent.push(packet.cmd));
    for (let turn = 0; turn < 5; turn++) await pass(1);
    expect(client.state.status).toBe('connected');
    await pass(40_000);
    expect(sent).toEqual(['connect', 'pingreq', 'pingreq', 'pingreq', 'pingreq']);
    expect(client.state.status).toBe('connected');

    const outcomes: string[] = [];
    const away = connect({ url: 'mqtt://away', transport: () => NEVER, connectTimeout: 30_000, reconnect: false });
    away.publish('a', '', { qos: 1, properties: { messageExpiryInterval: 6 } }).subscribe({
      error: ({ code }: { code: string }) => outcomes.push(code),
    });
    await pass(5000);
    expect(outcomes).toEqual([]);
    await pass(2000);
    expect(outcomes).toEqual(['EXPIRED']);
    await pass(24_000);
    expect(away.state).toMatchObject({ status: 'ended', reason: { code: 'TIMEOUT' } });
    broker.dropConnections();
    const ends = Promise.all([client.end({ force: true }), away.end({ force: true }), broker.close()]);
    await pass(3000);
    await ends;
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('under fake timers that mock Date alone', () => {
  it('a client lives, with the clock set to and fro', async () => {
    jest.useFakeTimers({
      doNotFake: [
        ...ALWAYS,
        ...(['performance', 'hrtime', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const),
        ...(['setImmediate', 'clearImmediate'] as const),
      ],
    });
    const broker = createBroker({ sysInterval: 0 });
    const client = connect({ url: 'mqtt://here', transport: broker.transport, keepalive: 1 });
    const states: string[] = [];
    let pings = 0;
    client.state$.subscribe(({ status }) => states.push(status));
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => void asyncScheduler.schedule(() => resolve(), ms));
    client.packets$.subscribe(({ packet }) => packet.cmd === 'pingreq' && pings++);
    for (const jump of [3_600_000, -7_200_000, 400 * 86_400_000, -400 * 86_400_000]) {
      await wait(500);
      jest.setSystemTime(Date.now() + jump);
    }
    await wait(800);
    expect(states).toEqual(['idle', 'connecting', 'connected']);
    expect(pings).toBeGreaterThanOrEqual(2);
    await client.end();
    await broker.close();
  });
});
