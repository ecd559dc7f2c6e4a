import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import type { ClientName, Metric, Target, Workload } from '../workload.js';
import { root } from './build.js';
import type { Measured } from './measure.js';
import { digits, spread, type Spread } from './statistics.js';

const NAMES: Record<ClientName, string> = {
  rxmqtt: 'rxmqtt',
  mqttjs: 'MQTT.js',
  raw: 'bare socket, by blocks',
  packets: 'bare socket, by packets',
  libmosquitto: 'libmosquitto',
};

/** How the rounds of one client compare with those of another, round by round. */
export function ratio(measured: Measured, metric: string, against: ClientName): Spread | undefined {
  const ours = measured.rounds.get('rxmqtt');
  const theirs = measured.rounds.get(against);
  if (ours === undefined || theirs === undefined) return undefined;
  return spread(ours.map((figures, round) => (figures[metric] ?? NaN) / (theirs[round]?.[metric] ?? NaN)));
}

export function isMet({ better }: Metric, { factor }: Target, { median }: Spread): boolean {
  return better === 'higher' ? median >= factor : median <= factor;
}

/** How the rounds of a workload compare with those of the smaller one that it names, where that was measured too. */
function growth({ workload, rounds }: Measured, all: readonly Measured[]): Spread | undefined {
  const { growth: wanted } = workload;
  const from = all.find((other) => other.workload.name === wanted?.from)?.rounds.get('rxmqtt');
  const to = rounds.get('rxmqtt');
  if (wanted === undefined || from === undefined || to === undefined) return undefined;
  return spread(to.map((figures, round) => (figures[wanted.metric] ?? NaN) / (from[round]?.[wanted.metric] ?? NaN)));
}

/** One line for the terminal. */
export function summary(measured: Measured, all: readonly Measured[]): string {
  const { workload } = measured;
  const metric = workload.metrics[0] as Metric;
  const figures = [...measured.rounds].map(([client, rounds]) => {
    const { median } = spread(rounds.map((round) => round[metric.name] ?? NaN));
    return `${NAMES[client]} ${digits(median)}`;
  });
  const ratios = workload.targets.map((target) => {
    const found = ratio(measured, target.metric, target.against);
    return found === undefined
      ? ''
      : `${range(found)} of ${NAMES[target.against]} (${target.metric}, ${bound(workload, target)})`;
  });
  const grown = growth(measured, all);
  if (workload.growth !== undefined && grown !== undefined) {
    const { metric: name, from, factor } = workload.growth;
    ratios.push(`${range(grown)} of ${from} (${name}, <= ${factor}x)`);
  }
  return `${workload.name}: ${figures.join(', ')} ${metric.unit}; ${ratios.filter(Boolean).join('; ')}`;
}

/** The page of all results. */
export function page(all: readonly Measured[], rounds: number): string {
  const lines = [
    '# Results',
    '',
    'Written by `npm run bench`; [how it is measured](../docs/performance.md).',
    '',
    ...machine(),
    `- ${rounds} rounds, the clients in turn; a figure is the median of its rounds, a ratio is min - **median** - max of the rounds`,
    '',
    '## Ratios',
    '',
    '| workload | metric | against | ratio | target |',
    '|---|---|---|---|---|',
    ...all.flatMap((measured) => [...ratioRows(measured), ...growthRows(measured, all)]),
    '',
    '## Figures',
    '',
    '| workload | transport | MQTT | QoS | payload | in flight | filters | client | metric | min | median | max |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...all.flatMap(figureRows),
    '',
  ];
  return lines.join('\n');
}

function ratioRows(measured: Measured): string[] {
  const { workload } = measured;
  const rows: string[] = [];
  for (const metric of workload.metrics) {
    for (const against of measured.rounds.keys()) {
      const found = against === 'rxmqtt' ? undefined : ratio(measured, metric.name, against);
      if (found === undefined || metric.name === 'growth') continue;
      const target = workload.targets.find((one) => one.metric === metric.name && one.against === against);
      const verdict =
        target === undefined ? '' : `${bound(workload, target)}${isMet(metric, target, found) ? '' : ', missed'}`;
      rows.push(`| ${workload.name} | ${metric.name} | ${NAMES[against]} | ${range(found, true)} | ${verdict} |`);
    }
  }
  return rows;
}

function growthRows(measured: Measured, all: readonly Measured[]): string[] {
  const { name, growth: wanted } = measured.workload;
  const found = growth(measured, all);
  if (wanted === undefined || found === undefined) return [];
  const { metric, from, factor } = wanted;
  const verdict = `<= ${factor}x${found.median <= factor ? '' : ', missed'}`;
  return [`| ${name} | ${metric} | ${from} | ${range(found, true)} | ${verdict} |`];
}

function figureRows({ workload, rounds }: Measured): string[] {
  const { transport, version, qos, payload, inFlight, filters } = workload;
  const conditions = `${transport} | ${version === 5 ? '5' : '3.1.1'} | ${qos} | ${payload} B | ${inFlight} | ${filters}`;
  return workload.metrics.flatMap(({ name, unit }) =>
    [...rounds].map(([client, figures]) => {
      const { min, median, max } = spread(figures.map((round) => round[name] ?? NaN));
      const values = `${digits(min)} | **${digits(median)}** | ${digits(max)}`;
      return `| ${workload.name} | ${conditions} | ${NAMES[client]} | ${name}, ${unit} | ${values} |`;
    }),
  );
}

function bound({ metrics }: Workload, { metric, factor }: Target): string {
  const better = metrics.find(({ name }) => name === metric)?.better;
  return `${better === 'lower' ? '<=' : '>='} ${factor}x`;
}

function range({ min, median, max }: Spread, bold = false): string {
  const middle = bold ? `**${digits(median)}**` : digits(median);
  return `${digits(min)} - ${middle} - ${digits(max)}`;
}

function machine(): string[] {
  const processors = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    `- ${new Date().toISOString().slice(0, 10)}; ${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'}, ${memory} GiB, ${type()} ${release()}`,
    `- Node ${process.versions.node}, rxmqtt ${versionOf('.')}, MQTT.js ${versionOf('node_modules/mqtt')}, rxjs ${versionOf('node_modules/rxjs')}${mosquitto()}`,
  ];
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8')) as { version: string }).version;
}

function mosquitto(): string {
  try {
    const path = `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`;
    execFileSync('mosquitto', ['-h'], { encoding: 'utf8', env: { ...process.env, PATH: path } });
    return '';
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    const found = /version (\S+)/.exec(stdout ?? '');
    return found === null ? '' : `, Mosquitto and libmosquitto ${found[1]}`;
  }
}
