import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Figures } from './figures.js';

/** ms between two looks at the event loop and at the memory. */
const RESOLUTION = 10;

type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: never;
}

/**
 * The child's side of a measured process: answers `measure`, and the questions of the test. Says `ready` to the test
 * when it is called.
 */
export function answerTo(handlers: Handlers, ready: object = {}): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  let peak = 0;
  let cpu = process.cpuUsage();
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  setInterval(look, RESOLUTION).unref();

  const measure = (): Figures => {
    look();
    const longestBlock = Math.max(0, delay.max / 1e6 - RESOLUTION);
    const { user, system } = process.cpuUsage(cpu);
    global.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    const figures = { resident: rss, peak, live: heapUsed + external, longestBlock, cpu: (user + system) / 1000 };
    peak = rss;
    cpu = process.cpuUsage();
    delay.reset();
    return figures;
  };

  const all: Handlers = { measure, ...handlers };
  process.on('message', ({ id, name, argument }: Question) => {
    void Promise.resolve(all[name]?.(argument)).then((value) => process.send?.({ id, value }));
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ id: 0, value: ready });
}
