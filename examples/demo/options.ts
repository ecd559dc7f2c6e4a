import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** How long the sensors publish. */
  readonly seconds: number;
  /** Any broker, in place of the embedded one. */
  readonly url: string | undefined;
}

export const USAGE = 'usage: npm run demo -- [--seconds N] [--url mqtt://host:port]';

/** @throws TypeError for an argument that cannot be used. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '10' }, url: { type: 'string' } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 86_400)) {
    throw new TypeError(`--seconds is "${values.seconds}"; give a number above 0, up to 86400`);
  }
  return { seconds, url: values.url };
}
