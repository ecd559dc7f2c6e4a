import {
  defer,
  firstValueFrom,
  from,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  type Observable,
  takeUntil,
} from 'rxjs';
import { type ClientOptions, connect, type MqttClient } from 'rxmqtt';
import { ExitCode } from './exit-code.js';
import { showPackets } from './format/show-packets.js';
import { clientOptionsOf } from './options/client-options.js';
import type { ConnectionValues } from './options/connection-options.js';
import { retrying } from './retrying.js';
import type { Terminal } from './terminal.js';

export interface ClientRun {
  /** An interrupt is how the command is meant to end. Default false: then it has not done what it should. */
  readonly isEndless?: boolean;
  /** Keep trying when the first connection fails, too. Default: the option `--retry`. */
  readonly retries?: boolean;
  readonly options?: Partial<ClientOptions>;
}

/** How a command is called whose options hold those of the connection. */
export interface ClientCall {
  readonly values: ConnectionValues;
  readonly terminal: Terminal;
}

/**
 * Does some work with a client: connects, works until the work completes or the user wants it to end, and leaves in order.
 * A second interrupt does not wait for that. Rejects as the work errors.
 */
export async function runClient(
  call: ClientCall,
  work: (client: MqttClient) => Observable<unknown>,
  { isEndless = false, retries = call.values.retry, options }: ClientRun = {},
): Promise<ExitCode> {
  const { terminal, values } = call;
  const clientOptions = await clientOptionsOf(values, terminal);
  const client = connect({ ...clientOptions, reconnect: retrying(terminal, retries), ...options });
  const watching = await showPackets(client, values.verbose, terminal);
  let hasStopped = false;
  const stopped$ = merge(terminal.interrupts$.pipe(map(() => !isEndless)), terminal.closed$.pipe(map(() => false)));
  watching.add(
    stopped$.subscribe((tooSoon) => {
      hasStopped ||= tooSoon;
    }),
  );
  try {
    const work$ = defer(() => work(client)).pipe(ignoreElements(), takeUntil(stopped$));
    await lastValueFrom(work$, { defaultValue: undefined });
  } finally {
    terminal.status('');
    await firstValueFrom(merge(from(client.end()), terminal.interrupts$));
    watching.unsubscribe();
  }
  if (!hasStopped) return ExitCode.DONE;
  terminal.err('interrupted');
  return ExitCode.ERROR;
}
