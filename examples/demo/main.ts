import { fromEvent, shareReplay, take } from 'rxjs';
import { createBroker } from 'rxmqtt/broker';
import { type DemoOptions, readOptions, USAGE } from './options.js';
import { runDemo } from './run-demo.js';
import { Screen } from './screen.js';
import { sourceCode } from './source-code.js';

const CODE = {
  sensor: sourceCode(new URL('sensors.ts', import.meta.url), 'interval(PERIOD)'),
  pipeline: sourceCode(new URL('pipeline.ts', import.meta.url), 'client.subscribe('),
};

async function main({ seconds, url }: DemoOptions): Promise<void> {
  const screen = new Screen(process.stdout);
  const interrupt$ = fromEvent(process, 'SIGINT').pipe(take(1), shareReplay(1));
  const interruption = interrupt$.subscribe();
  const broker =
    url === undefined ? createBroker({ listeners: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt'] }) : undefined;
  try {
    const urls = url === undefined ? ((await broker?.listening) ?? []) : [url];
    if (broker !== undefined) screen.log(`broker: ${urls.join(' and ')}`);
    const { published, received, lost } = await runDemo({ urls, seconds, screen, interrupt$, code: CODE });
    screen.close(
      screen.paint(lost > 0 ? 'red' : 'green', `published ${published}, received ${received}, lost ${lost}`),
    );
    if (lost > 0) process.exitCode = 1;
  } finally {
    interruption.unsubscribe();
    await broker?.close();
  }
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  // What is wrong is outside of the program: one line says it.
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof TypeError) console.error(USAGE);
  process.exitCode = 1;
}
