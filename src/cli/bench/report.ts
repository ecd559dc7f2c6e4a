import { grouped, msText, sizeText } from '../format/count-text.js';
import type { DeliveryCheck } from './delivery-check.js';
import type { Measured } from './meter.js';
import type { BenchPlan } from './plan.js';

/** The result of a bench, as `--json` prints it: times in ms, rates per second, CPU as a share of one core. */
export interface BenchReport {
  readonly mode: string;
  readonly clients: number;
  readonly qos: number;
  readonly size: number;
  readonly seconds: number;
  readonly sent: number;
  readonly received: number;
  readonly sentRate: number;
  readonly receivedRate: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Over the whole run, by the numbers in the payloads; undefined if the bench receives nothing. */
  readonly lost?: number;
  readonly duplicates?: number;
  readonly disordered?: number;
  readonly latency: Readonly<Record<(typeof QUANTILES)[number][0] | 'max' | 'mean', number>>;
  readonly cpu: number;
}

const QUANTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p99.9', 0.999],
] as const;

export function benchReport(plan: BenchPlan, measured: Measured, checks: readonly DeliveryCheck[]): BenchReport {
  const { mode, clients, qos, size } = plan;
  const { time, sent, received, bytesSent, bytesReceived, cpu, latency } = measured;
  const seconds = time / 1000;
  const sum = (of: (check: DeliveryCheck) => number): number => checks.reduce((all, check) => all + of(check), 0);
  const perSecond = (count: number): number => (seconds === 0 ? 0 : rounded(count / seconds));
  const quantiles = QUANTILES.map(([name, share]) => [name, rounded(latency.quantile(share))] as const);
  return {
    mode,
    clients,
    qos,
    size,
    seconds: rounded(seconds),
    sent,
    received,
    sentRate: perSecond(sent),
    receivedRate: perSecond(received),
    bytesSent,
    bytesReceived,
    ...((mode === 'sub' || mode === 'e2e') && {
      lost: sum(({ lost }) => lost),
      duplicates: sum(({ duplicates }) => duplicates),
      disordered: sum(({ disordered }) => disordered),
    }),
    latency: {
      ...(Object.fromEntries(quantiles) as Record<(typeof QUANTILES)[number][0], number>),
      max: rounded(latency.max),
      mean: rounded(latency.mean),
    },
    cpu: time === 0 ? 0 : rounded(cpu / time),
  };
}

/** Whether the broker kept the guarantees of the QoS. */
export function meetsGuarantees({ mode, qos, lost = 0, duplicates = 0, disordered = 0 }: BenchReport): boolean {
  if (mode !== 'e2e') return true;
  return disordered === 0 && (qos === 0 || lost === 0) && (qos !== 2 || duplicates === 0);
}

/** The report as text. */
export function benchLines(report: BenchReport): string[] {
  const { mode, clients, qos, size, seconds, sent, received, latency, cpu } = report;
  const { lost, duplicates, disordered } = report;
  const count = (of: number, rate: number, bytes: number): string =>
    `${grouped(of).padStart(12)}  ${grouped(rate).padStart(9)} msg/s  ${sizeText(bytes / (seconds || 1))}/s`;
  const times = Object.entries(latency).filter(([name]) => name !== 'mean');
  const messages = Math.max(sent, received);
  return [
    mode === 'conn'
      ? `conn, ${clients} clients, ${seconds.toFixed(2)} s`
      : `${mode}, ${clients} ${clients === 1 ? 'client' : 'clients'}, QoS ${qos}, ${size} bytes, ${seconds.toFixed(1)} s`,
    ...(mode === 'conn'
      ? [`connected ${grouped(received).padStart(12)}  ${grouped(report.receivedRate)} a second`]
      : []),
    ...(mode === 'pub' || mode === 'e2e' ? [`sent      ${count(sent, report.sentRate, report.bytesSent)}`] : []),
    ...(mode === 'sub' || mode === 'e2e'
      ? [`received  ${count(received, report.receivedRate, report.bytesReceived)}`]
      : []),
    ...(lost === undefined
      ? []
      : [`lost ${grouped(lost)}, duplicates ${grouped(duplicates ?? 0)}, out of order ${grouped(disordered ?? 0)}`]),
    `latency   ${times.map(([name, ms]) => `${name} ${msText(ms)}`).join('   ')}`,
    `CPU       ${Math.round(cpu * 100)} % of a core${messages === 0 ? '' : `, ${((cpu * seconds * 1e6) / messages).toFixed(1)} µs a ${mode === 'conn' ? 'connection' : 'message'}`}`,
  ];
}

const rounded = (number: number): number => Math.round(number * 1000) / 1000;
