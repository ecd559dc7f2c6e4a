import type { Cluster } from './cluster.js';
import { PROBE_ADDRESS } from './crowd.js';

const isOfCrowd = (address: string | undefined): boolean => address !== undefined && address !== PROBE_ADDRESS;

/** The time that a line of a log begins with: `2026/11/27 01:54:32.388021`, or with dashes and an offset. */
function loggedAt(line: string): number {
  const [, day = '', time = '', offset = ''] =
    /(\d{4}[/-]\d\d[/-]\d\d) ([\d:]{8}\.\d{3})\d*([+-]\d\d:\d\d)?/.exec(line) ?? [];
  return Date.parse(`${day.replaceAll('/', '-')}T${time}${offset}`);
}

/** When the nodes accepted connections between two moments, as their logs say; those of the probe aside. */
export function dials({ nodes, accepted }: Cluster, from: number, to: number): readonly number[] {
  return nodes
    .flatMap(({ server }) => server.lines)
    .filter(({ text }) => isOfCrowd(accepted.exec(text)?.[1]))
    .map(({ text }) => loggedAt(text))
    .filter((moment) => moment >= from && moment <= to);
}
