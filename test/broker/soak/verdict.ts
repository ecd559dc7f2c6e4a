import type { SoakReport } from './soak.js';

/** What the machine itself may add between two rounds of the same work: compiled code, caches, the state of the collector. */
const SLACK = 4 * 1024 * 1024;

/** What went wrong, a sentence each. */
export function verdict(report: SoakReport): string[] {
  const { lost, doubled, failed, acknowledged, dropped, connections, heap, left } = report;
  const [first, second] = heap;
  const problems = [
    [lost > 0, `${lost} messages were lost`],
    [doubled > 0, `${doubled} QoS 2 messages came twice`],
    [failed > 0, `${failed} publishes failed`],
    [acknowledged === 0, 'nothing was published'],
    [dropped === 0 || connections <= dropped / 2, 'no connection was dropped and opened again'],
    [second - first > SLACK, `memory grew from ${first} to ${second} bytes`],
    [left.clients > 0, `${left.clients} clients are left in the broker`],
    [left.protocolErrors > 0, `${left.protocolErrors} protocol errors`],
    [left.droppedQueueFull > 0, `${left.droppedQueueFull} messages found their queue full`],
  ] as const;
  return problems.filter(([holds]) => holds).map(([, text]) => text);
}
