import { readFile } from 'node:fs/promises';
import { firstValueFrom, map, merge, type Observable, skip } from 'rxjs';
import type { Broker, BrokerOptions } from 'rxmqtt/broker';
import { versionName } from '../../packet/version-name.js';
import { quoted } from '../../quoted.js';
import { timeOfDay } from '../../rx/clock.js';
import { safeTimer } from '../../rx/safe-timer.js';
import { type Call, command } from '../command.js';
import { ExitCode } from '../exit-code.js';
import { openStore } from '../open-store.js';
import { defaulting, flag, type Option, text, value, type ValuesOf } from '../options/option.js';
import type { Terminal } from '../terminal.js';
import { readFailure } from '../read-failure.js';
import { UsageError } from '../usage-error.js';
import { usersOf } from '../users.js';

const OPTIONS = {
  port: defaulting('1883', port('of the TCP listener; 0 for a free port')),
  ws: port('of an additional WebSocket listener, at /mqtt'),
  host: defaulting('127.0.0.1', text('HOST', 'the address to listen on; 0.0.0.0 for all interfaces')),
  cert: text('FILE', 'certificate chain (PEM); with --key, both listeners speak TLS', { completion: 'file' }),
  key: text('FILE', 'its private key (PEM)', { completion: 'file' }),
  users: text('FILE', 'who may connect: a line name:password per user, or as rxmqtt passwd prints it', {
    completion: 'file',
  }),
  origins: text('LIST', 'pages of other hosts that may connect, separated by commas; * for all, null for files'),
  store: text('DIR', 'keep sessions, queues and retained messages there (needs classic-level)', {
    completion: 'folder',
  }),
  profile: text('NAME', 'take options from this profile'),
  verbose: flag('log connections, disconnections and subscriptions', 'v'),
} as const;

type Values = ValuesOf<typeof OPTIONS>;

/** `rxmqtt broker`: runs a broker until it is interrupted. */
export const broker = command({
  name: 'broker',
  usage: '',
  about: 'runs a broker: MQTT 5, 3.1.1 and 3.1',
  details: `Ends in order at SIGINT and SIGTERM: clients get DISCONNECT, and 2.5 s to hang up. A second signal does not wait for
them, and gives exit code 1. In the environment, its options begin with RXMQTT_BROKER_, to distinguish them from
those of clients: RXMQTT_BROKER_PORT.`,
  options: OPTIONS,
  prefix: 'RXMQTT_BROKER_',
  examples: [
    ['rxmqtt broker -v', 'for this computer, with a log'],
    ['rxmqtt broker --ws 8083 --store data', 'for pages, too, and with a durable store'],
    [
      'rxmqtt broker --host 0.0.0.0 --users users.txt --cert c.pem --key k.pem',
      'for other computers, with TLS and passwords',
    ],
  ],
  async run({ values, words, terminal }: Call<typeof OPTIONS>) {
    if (words.length > 0) throw new UsageError(`unexpected argument '${words[0]}'`);
    const options = await optionsOf(values);
    const durable = values.store === undefined ? undefined : await openStore(values.store);
    try {
      const { createBroker } = await import('rxmqtt/broker');
      const running = createBroker(durable === undefined ? options : { ...options, store: durable.store });
      const open = options.authenticate === undefined && !isLoopback(values.host);
      await serve(running, values.verbose, open, terminal);
    } finally {
      await durable?.close();
    }
    return ExitCode.DONE;
  },
});

/** A port from 0 (any free port) to 65535. */
function port(about: string): Option<number | undefined> {
  return value('PORT', about, (given) => {
    if (/^\d{1,5}$/.test(given) && Number(given) <= 65535) return Number(given);
    throw new UsageError(`is not a port from 0 to 65535: '${given}'`);
  });
}

async function optionsOf({ host, port, ws, cert, key, users, origins }: Values): Promise<BrokerOptions> {
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
    throw readFailure(file, error);
  }
}

/** Whether only this computer can reach a listener at this host. */
function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?(::1|::ffff:127(\.\d{1,3}){3})\]?)$/i.test(host);
}

/** How long closing may take before it is told, in ms. */
const NOTICEABLE = 500;

/** Runs until the first interrupt, and disconnects the clients in order. A second interrupt does not wait for that. */
async function serve(broker: Broker, verbose: boolean, open: boolean, terminal: Terminal): Promise<void> {
  const listening = terminal.interrupts$.pipe(skip(1)).subscribe(() => terminal.abandon(ExitCode.ERROR));
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
    listening.add(
      safeTimer(NOTICEABLE).subscribe(() =>
        terminal.err('rxmqtt broker: waiting for clients to hang up; interrupt again to end at once'),
      ),
    );
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
          `${quoted(clientId)} connected from ${address} at ${listener}, ${versionName(protocolVersion)}`,
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

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}
