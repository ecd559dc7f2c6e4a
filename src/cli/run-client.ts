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
import { packetPrinter } from './format/packet-printer.js';
import { clientOptionsOf } from './options/client-options.js';
import type { ConnectionValues } from './options/connection-options.js';
import { withoutRepeats } from './format/without-repeats.js';
import { retrying } from './retrying.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

export interface ClientRun {
  /** Whether an interrupt is the normal end of the command. Default false: an interrupt is a failure. */
  readonly isEndless?: boolean;
  /** Keep trying when the first connection fails, too. Default: the option `--retry`. */
  readonly retries?: boolean;
}

/** The call of a command with connection options. */
export interface ClientCall {
  readonly values: ConnectionValues;
  readonly terminal: Terminal;
}

type Changes = Partial<ClientOptions>;

/** Connects one more client, with changes to the options. */
export type OpenClient = (changes?: Changes | ((options: ClientOptions) => Changes)) => MqttClient;

/** Runs work with one client; see {@link runClients}. */
export function runClient(
  call: ClientCall,
  work: (client: MqttClient) => Observable<unknown>,
  run?: ClientRun,
): Promise<ExitCode> {
  return runClients(call, (open) => work(open()), run);
}

/**
 * Runs work with clients until it completes or the user interrupts it, and disconnects in order. A second interrupt
 * does not wait for that. Rejects with the error of the work.
 */
export async function runClients(
  { values, terminal }: ClientCall,
  work: (open: OpenClient) => Observable<unknown>,
  { isEndless = false, retries = values.retry }: ClientRun = {},
): Promise<ExitCode> {
  const options = await clientOptionsOf(values, terminal);
  const show = await packetPrinter(values.verbose, terminal);
  const tell = withoutRepeats((line) => terminal.err(line));
  const clients: MqttClient[] = [];
  const open: OpenClient = (changes) => {
    const { clientId } = options;
    // Each client needs its own identifier.
    const own = clientId === undefined || clients.length === 0 ? {} : { clientId: `${clientId}-${clients.length}` };
    const others = typeof changes === 'function' ? changes(options) : changes;
    const client = connected({ ...options, reconnect: retrying(tell, retries), ...own, ...others });
    if (show !== undefined) client.packets$.subscribe(show());
    clients.push(client);
    return client;
  };
  let hasFailed = false;
  const stopped$ = merge(terminal.interrupts$.pipe(map(() => !isEndless)), terminal.closed$.pipe(map(() => false)));
  const watching = stopped$.subscribe((tooSoon) => {
    hasFailed ||= tooSoon;
  });
  try {
    const work$ = defer(() => work(open)).pipe(ignoreElements(), takeUntil(stopped$));
    await lastValueFrom(work$, { defaultValue: undefined });
  } finally {
    terminal.status('');
    const ended$ = from(Promise.all(clients.map((client) => client.end()))).pipe(map(() => true));
    const hasEnded = await firstValueFrom(merge(ended$, terminal.interrupts$.pipe(map(() => false))));
    watching.unsubscribe();
    if (!hasEnded) terminal.abandon(ExitCode.ERROR);
  }
  if (!hasFailed) return ExitCode.DONE;
  terminal.err('interrupted');
  return ExitCode.ERROR;
}

/** @throws UsageError for options that cannot be used together. */
function connected(options: ClientOptions): MqttClient {
  try {
    return connect(options);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}
