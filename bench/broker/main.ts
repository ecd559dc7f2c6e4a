import { readFile, writeFile } from 'node:fs/promises';
import { root } from '../harness/build.js';
import type { Progress } from '../harness/progress.js';
import { digits, spread } from '../harness/statistics.js';
import { idle, IDLE_BAR, NAMES, throughputs, type BrokerName, type BrokerWorkload } from './broker-workload.js';
import { buildBrokerPrograms, measureIdle, measureRate, startBroker } from './processes.js';

export interface BrokerBenchOptions {
  readonly rounds: number;
  readonly quick: boolean;
  /** Names of workloads, or how they begin; `broker` is all. */
  readonly names: readonly string[];
  readonly progress: Progress;
}

const BROKERS: readonly BrokerName[] = ['rxmqtt', 'aedes', 'mosquitto'];
const RESULTS = `${root}bench/RESULTS.md`;
const HEADING = '## Broker';

/** The embedded broker beside aedes and Mosquitto: each in a process of its own, the load in another. */
export async function benchBroker({ rounds, quick, names, progress }: BrokerBenchOptions): Promise<void> {
  await buildBrokerPrograms();
  const rows: string[] = [];
  for (const workload of [...throughputs, idle]) {
    if (!names.some((name) => workload.name.startsWith(name))) continue;
    const figures = await measureBroker(workload, rounds, quick, progress);
    rows.push(row(workload, figures));
    progress.say(summary(workload, figures));
  }
  if (quick || !names.includes('broker')) return;
  await writeFile(RESULTS, withSection(await readFile(RESULTS, 'utf8'), section(rows, rounds)));
  progress.say('written to bench/RESULTS.md');
}

type Rounds = ReadonlyMap<BrokerName, readonly number[]>;

async function measureBroker(
  workload: BrokerWorkload,
  rounds: number,
  quick: boolean,
  progress: Progress,
): Promise<Rounds> {
  const figures = new Map<BrokerName, number[]>();
  for (let round = 0; round < rounds; round++) {
    // Whoever goes first in one round goes last in the next.
    for (const name of round % 2 === 0 ? BROKERS : [...BROKERS].reverse()) {
      progress.show(`${workload.name}: round ${round + 1} of ${rounds}, ${NAMES[name]}`);
      const broker = await startBroker(name);
      if (broker === undefined) continue;
      try {
        const measured = workload === idle ? measureIdle(workload, broker) : measureRate(workload, broker.port, quick);
        figures.set(name, [...(figures.get(name) ?? []), await measured]);
      } finally {
        await broker.stop();
      }
    }
  }
  return figures;
}

const median = (values: readonly number[] | undefined): number => spread(values ?? [NaN]).median;

/** Of rxmqtt to another, round by round; the median of them. */
function ratio(figures: Rounds, against: BrokerName): number {
  const others = figures.get(against);
  if (others === undefined) return NaN;
  return median(figures.get('rxmqtt')?.map((own, round) => own / (others[round] ?? NaN)));
}

function verdict(workload: BrokerWorkload, figures: Rounds): string {
  if (workload === idle) return judged(median(figures.get('rxmqtt')) <= IDLE_BAR, `<= ${IDLE_BAR} kB`);
  const { bars } = workload;
  if (bars === undefined) return '';
  const names = (['aedes', 'mosquitto'] as const).filter((name) => bars[name] !== undefined && figures.has(name));
  const isMet = names.every((name) => ratio(figures, name) >= (bars[name] ?? 0));
  return judged(isMet, names.map((name) => `>= ${bars[name] ?? 0}x ${NAMES[name]}`).join(', '));
}

const judged = (isMet: boolean, bar: string): string => (isMet ? bar : `${bar}, missed`);

function summary(workload: BrokerWorkload, figures: Rounds): string {
  const unit = workload === idle ? 'kB/connection' : 'msg/s';
  const all = BROKERS.map((name) => `${NAMES[name]} ${digits(median(figures.get(name)))}`).join(', ');
  const ratios = (['aedes', 'mosquitto'] as const).map((name) => `${digits(ratio(figures, name))} of ${NAMES[name]}`);
  return `${workload.name}: ${all} ${unit}; ${ratios.join(', ')}; ${verdict(workload, figures)}`;
}

function row(workload: BrokerWorkload, figures: Rounds): string {
  const cells = [
    workload.name,
    workload === idle ? 'memory, kB a connection' : 'deliveries, msg/s',
    ...BROKERS.map((name) => digits(median(figures.get(name)))),
    `**${digits(ratio(figures, 'aedes'))}**`,
    `**${digits(ratio(figures, 'mosquitto'))}**`,
    verdict(workload, figures),
  ];
  return `| ${cells.join(' | ')} |`;
}

function section(rows: readonly string[], rounds: number): string {
  return [
    HEADING,
    '',
    `Written by \`npm run bench -- broker\`, ${new Date().toISOString().slice(0, 10)}. MQTT 3.1.1 over TCP, 64 B of payload; the`,
    `broker in one process, the load in another; medians of ${rounds} rounds. The memory of idle`,
    'connections is what the process grows by, divided by their number (1 kB = 1024 bytes).',
    '',
    '| workload | figure | rxmqtt | aedes | Mosquitto | to aedes | to Mosquitto | bar |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** The page with its section about the broker replaced, or put at its end. */
export function withSection(page: string, text: string): string {
  const start = page.indexOf(`${HEADING}\n`);
  if (start < 0) return `${page.trimEnd()}\n\n${text}`;
  const next = page.indexOf('\n## ', start);
  return page.slice(0, start) + text + (next < 0 ? '' : page.slice(next));
}

/** The section of the page as it was, for the caller that rewrites the rest; empty if there is none. */
export async function brokerSection(): Promise<string> {
  const page = await readFile(RESULTS, 'utf8').catch(() => '');
  const start = page.indexOf(`${HEADING}\n`);
  if (start < 0) return '';
  const next = page.indexOf('\n## ', start);
  return next < 0 ? page.slice(start) : page.slice(start, next);
}
