import { readFile } from 'node:fs/promises';
import { firstValueFrom, map, merge, type Observable } from 'rxjs';
import { timeOfDay } from '../rx/clock.js';
import { createBroker, type Broker, type BrokerOptions } from '../broker/index.js';
import { quoted } from '../quoted.js';
import { parse, portOf, textOf, UsageError, type Values } from './arguments.js';
import { BROKER_HELP } from './help.js';
import { openStore } from './open-store.js';
import type { Terminal } from './terminal.js';
import { usersOf } from './users.js';

const OPTIONS = {
  port: { type: 'string', default: '1883' },
  ws: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  cert: { type: 'string' },
  key: { type: 'string' },
  users: { type: 'string' },
  origins: { type: 'string' },
  store: { type: 'string' },
  verbose: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `rxmqtt broker`: runs a broker until it is interrupted. */
export async function brokerCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, words } = parse(args, OPTIONS);
  if (values['help'] === true) {
    terminal.out(BROKER_HELP);
    return 0;
  }
  if (words.length > 0) throw new UsageError(`unexpected argument '${words[0]}'`);
  const options = await optionsOf(values);
  const folder = textOf(values, 'store');
  const durable = folder === undefined ? undefined : await openStore(folder);
  try {
    const broker = createBroker(durable === undefined ? options : { ...options, store: durable.store });
    const open = options.authenticate === undefined && !isLoopback(textOf(values, 'host') ?? '');
    await serve(broker, values['verbose'] === true, open, terminal);
  } finally {
    await durable?.close();
  }
  return 0;
}

async function optionsOf(values: Values): Promise<BrokerOptions> {
  const host = textOf(values, 'host') ?? '';
  const port = portOf(values, 'port');
  const ws = portOf(values, 'ws');
  const cert = textOf(values, 'cert');
  const key = textOf(values, 'key');
  const users = textOf(values, 'users');
  const origins = textOf(values, 'origins');
  if ((cert === undefined) !== (key === undefined)) throw new UsageError("'--cert' and '--key' go together");
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const [tcp, webSocket] = cert === undefined ? ['tcp', 'ws'] : ['mqtts', 'wss'];
  return {
    listeners: [
      `${tcp}://${authority}:${port}`,
      ...(ws === undefined ? [] : [`${webSocket}://${authority}:${ws}/mqtt`]),
    ],
    ...(cert === undefined || key === undefined ? {} : { tls: { cert: await read(cert), key: await read(key) } }),
    ...(origins === undefined ? {} : { origins: origins.split(',') }),
    ...(users === undefined ? {} : { authenticate: await authenticatorOf(users) }),
  };
}

async function authenticatorOf(file: string): Promise<ReturnType<typeof usersOf>> {
  const text = await read(file);
  try {
    return usersOf(text);
  } catch (error) {
    throw new Error(`the users file ${file} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`, { cause: error });
  }
}

/** Whether only this computer reaches a listener at this host. */
function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?(::1|::ffff:127(\.\d{1,3}){3})\]?)$/i.test(host);
}

/** Runs until the first interrupt; later ones change nothing while the clients are told. */
async function serve(broker: Broker, verbose: boolean, open: boolean, terminal: Terminal): Promise<void> {
  const listening = terminal.interrupts$.subscribe();
  const interrupted = firstValueFrom(terminal.interrupts$);
  if (verbose) listening.add(activity(broker).subscribe((line) => terminal.out(line)));
  try {
    for (const address of await broker.listening) {
      terminal.out(`listening at ${address}`);
      if (open)
        terminal.err(`rxmqtt broker: everyone who reaches ${address} may connect; give --users, or --host 127.0.0.1`);
    }
    await interrupted;
  } finally {
    await broker.close();
    listening.unsubscribe();
  }
}

/** One line per event, without payloads and credentials. */
function activity({ connected$, disconnected$, subscribed$ }: Broker): Observable<string> {
  return merge(
    connected$.pipe(
      map(
        ({ clientId, address = 'an unknown address', protocolVersion, listener }) =>
          `${quoted(clientId)} connected from ${address} at ${listener}, MQTT ${VERSIONS[protocolVersion]}`,
      ),
    ),
    disconnected$.pipe(map(({ client, reasonCode }) => `${quoted(client.clientId)} disconnected, ${hex(reasonCode)}`)),
    subscribed$.pipe(
      map(({ client, filter, reasonCode }) =>
        reasonCode < 0x80
          ? `${quoted(client.clientId)} subscribed to ${quoted(filter)} at QoS ${reasonCode}`
          : `${quoted(client.clientId)} may not subscribe to ${quoted(filter)}, ${hex(reasonCode)}`,
      ),
    ),
  ).pipe(map((line) => `${new Date(timeOfDay()).toISOString()} ${line}`));
}

const VERSIONS = { 3: '3.1', 4: '3.1.1', 5: '5' } as const;

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}
