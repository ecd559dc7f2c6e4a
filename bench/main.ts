import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchBroker, brokerSection, withSection } from './broker/main.js';
import { buildPrograms, root } from './harness/build.js';
import { measure, prepare, type Measured, type MeasureOptions } from './harness/measure.js';
import { Peer, runClient, startMosquitto } from './harness/processes.js';
import { Progress } from './harness/progress.js';
import { page, summary } from './harness/report.js';
import type { Workload } from './workload.js';
import { workloads } from './workloads.js';

const HELP = `Measures rxmqtt beside others.

npm run bench                        all workloads, 5 rounds each; writes bench/RESULTS.md
npm run bench -- --quick             the same within a minute, 1 round of few messages; writes nothing
npm run bench -- publish-qos0 ...    these workloads; writes nothing
npm run bench -- broker              the embedded broker beside others; writes its section of bench/RESULTS.md
npm run bench -- --rounds 9 --library dist/node/index.js
npm run bench:profile -- WORKLOAD    a CPU profile of rxmqtt at this workload

Workloads: ${workloads.map(({ name }) => name).join(', ')}`;

/** Ends the process: with what is wrong, or with the help alone. */
function explain(problem?: string): never {
  if (problem !== undefined) console.error(`bench: ${problem}\n`);
  console.log(HELP);
  process.exit(problem === undefined ? 0 : 2);
}

function argumentsGiven() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        library: { type: 'string' },
      },
    });
  } catch (error) {
    return explain(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals } = argumentsGiven();
if (values.help) explain();

function select(names: readonly string[]): readonly Workload[] {
  if (names.length === 0) return workloads;
  return names.flatMap((name) => {
    const found = workloads.filter((workload) => workload.name === name || workload.name.startsWith(name));
    if (found.length > 0) return found;
    return explain(`there is no workload "${name}"`);
  });
}

async function measureAll(selected: readonly Workload[], options: MeasureOptions, progress: Progress): Promise<void> {
  const all: Measured[] = [];
  for (const workload of selected) {
    const measured = await measure(workload, options);
    if (measured === undefined) {
      progress.say(`${workload.name}: left out, there is no ${workload.peer} here`);
      continue;
    }
    all.push(measured);
    progress.say(summary(measured, all));
  }
  if (values.quick || positionals.length > 0) return;
  const broker = await brokerSection();
  const clients = page(all, options.rounds);
  await writeFile(`${root}bench/RESULTS.md`, broker === '' ? clients : withSection(clients, broker));
  progress.say('written to bench/RESULTS.md');
}

async function profile(selected: readonly Workload[], options: MeasureOptions, progress: Progress): Promise<void> {
  for (const workload of selected) {
    const folder = `${root}artifacts/profiles`;
    const file = `${workload.name}.cpuprofile`;
    const job = await prepare(workload, 'rxmqtt', 1, options);
    await runClient(options.programs, job, ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}`]);
    progress.say(`written to artifacts/profiles/${file}`);
  }
}

const progress = new Progress();
const brokers = positionals.filter((name) => name.startsWith('broker'));
if (brokers.length > 0) {
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  await benchBroker({ rounds, quick: values.quick, names: brokers, progress });
  if (brokers.length === positionals.length) process.exit(0);
}
const selected = select(positionals.filter((name) => !brokers.includes(name)));
const programs = await buildPrograms(values.library === undefined ? undefined : resolve(values.library));
const peer = await Peer.start(programs.peer);
const mosquitto = selected.some((workload) => workload.peer === 'mosquitto') ? await startMosquitto() : undefined;
try {
  const options: MeasureOptions = {
    programs,
    peer,
    mosquitto: mosquitto?.url,
    rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
    share: values.quick ? 0.1 : 1,
    progress: (text) => progress.show(text),
  };
  await (values.profile ? profile : measureAll)(selected, options, progress);
} finally {
  mosquitto?.stop();
  peer.stop();
}
