import { topicsOf } from '../clients/topics.js';
import type { ClientName, Figures, Job, Workload } from '../workload.js';
import type { Programs } from './build.js';
import { runClient, type Peer } from './processes.js';

/** What the clients of one workload reached, round by round: the rounds of two clients stand side by side. */
export interface Measured {
  readonly workload: Workload;
  readonly rounds: ReadonlyMap<ClientName, readonly Figures[]>;
}

export interface MeasureOptions {
  readonly programs: Programs;
  readonly peer: Peer;
  /** Where there is one. */
  readonly mosquitto: string | undefined;
  readonly rounds: number;
  /** Of the messages that the workload asks for, this many are sent: 1, or less to be quick. */
  readonly share: number;
  readonly progress: (text: string) => void;
}

/** Runs the clients of a workload in turn, round after round. */
export async function measure(workload: Workload, options: MeasureOptions): Promise<Measured | undefined> {
  const { programs, rounds, share, progress } = options;
  if (workload.peer === 'mosquitto' && options.mosquitto === undefined) return undefined;
  const clients = workload.clients.filter((client) => client !== 'libmosquitto' || programs.libmosquitto !== undefined);
  const results = new Map<ClientName, Figures[]>(clients.map((client) => [client, []]));
  for (let round = 0; round < rounds; round++) {
    // Whoever goes first in one round goes last in the next.
    const order = round % 2 === 0 ? clients : [...clients].reverse();
    for (const client of order) {
      progress(`${workload.name}: round ${round + 1} of ${rounds}, ${client}`);
      results.get(client)?.push(await runClient(programs, await prepare(workload, client, share, options)));
    }
  }
  return { workload, rounds: results };
}

/** Tells the peer, and says what the client has to do. */
export async function prepare(
  workload: Workload,
  client: ClientName,
  share: number,
  { peer, mosquitto }: Pick<MeasureOptions, 'peer' | 'mosquitto'>,
): Promise<Job> {
  const { scenario, transport, version, qos, payload, inFlight, filters } = workload;
  const fixed = scenario === 'idle' || scenario === 'subscriptions';
  const messages = Math.ceil((workload.messages[client] ?? 0) * (fixed ? 1 : share));
  const warmup = fixed ? 0 : Math.ceil(messages * 0.2);
  const delivers = scenario === 'receive' || scenario === 'route' || scenario === 'heap';
  await peer.expect({
    filters: delivers ? filters : 0,
    ...topicsOf(workload),
    count: messages + warmup,
    payload,
    qos,
    inFlight,
  });
  const url = workload.peer === 'mosquitto' && mosquitto !== undefined ? mosquitto : peer.url(transport);
  return { client, url, messages, warmup, scenario, transport, version, qos, payload, inFlight, filters };
}
