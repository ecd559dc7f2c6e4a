import type { ClientOptions } from '../src/index.js';
import { inVirtualTime } from './support.js';

/** The options of docs/migrating.md, "Their defaults". */
const CRT: ClientOptions = {
  keepalive: 1200,
  pingTimeout: 3000,
  reconnect: { minDelay: 5000, maxDelay: 60_000, factor: 2, jitter: 'none' },
};
const IOT_SDK: ClientOptions = {
  keepalive: 600,
  reconnect: { minDelay: 1000, maxDelay: 32_000, stableAfter: 20_000, jitter: 'none' },
  offline: { rate: 2, overflow: 'drop-newest' },
};
const DL_7450: ClientOptions = {
  keepalive: 0,
  clean: false,
  protocolVersion: 4,
  reconnect: { minDelay: 1000, factor: 2, maxDelay: 60_000, jitter: 'none' },
};

const delays = (options: ClientOptions): number[] => {
  let seen: number[] = [];
  inVirtualTime({ ...options, dial: { refuse: true } }, (world) => {
    world.to(300_000);
    seen = world.states.flatMap((state) =>
      (/ in (\d+)$/.exec(state)?.[1] ?? '').split(' ').filter(Boolean).map(Number),
    );
  });
  return seen;
};

it('[awscrt] reconnect_min_timeout_secs, reconnect_max_timeout_secs: 5 to 60 s, doubling', () => {
  expect(delays(CRT).slice(0, 6)).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});

it('[awscrt] keep_alive_secs, ping_timeout_ms: a ping before 1200 s of silence, and 3 s for its answer', () => {
  inVirtualTime({ ...CRT, answers: { pingreq: () => undefined } }, (world) => {
    world.to(1_205_000);
    expect(world.take().filter((line) => !line.includes('CONNECT'))).toEqual(['1199000 PINGREQ', '1202000 closed']);
  });
});

it('[AWSIoTPythonSDK] configureAutoReconnectBackoffTime, configureDrainingFrequency', () => {
  expect(delays(IOT_SDK).slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 32_000]);
  inVirtualTime(IOT_SDK, (world) => {
    for (const topic of ['a', 'b', 'c']) world.fire(world.client.publish(topic, ''));
    world.to(2000);
    const published = world.take().filter((line) => line.includes('PUBLISH'));
    expect(published.map((line) => line.split(' ')[0])).toEqual(['0', '500', '1000']);
  });
});

it('[DL-7450] no keep-alive, and 1, 2, 4, 8, 16, 32, 60, 60 s', () => {
  expect(delays(DL_7450).slice(0, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  inVirtualTime(DL_7450, (world) => {
    world.to(10_000_000);
    expect(world.take()).toHaveLength(1);
  });
});
