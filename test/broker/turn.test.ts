import { Turn } from '../../src/broker/connection/turn.js';
import type { Packet } from '../../src/packet/packets.js';

let mockNow = 0;
jest.mock('../../src/rx/clock.js', () => ({ elapsed: () => mockNow }));

const ping: Packet = { cmd: 'pingreq' };
const filters = Array.from({ length: 1000 }, (_, index) => String(index));
const subscriptions = filters.map((filter) => ({ filter, qos: 0 as const }));

/** The turn of a client whose packets took no time so far. */
function afterPings(): Turn {
  const turn = new Turn({ nextTurn: () => undefined });
  turn.begin(mockNow);
  for (let count = 0; count < 10_000; count++) expect(turn.endsWith(ping)).toBe(false);
  return turn;
}

/** How many packets it takes, each of which takes so many ms, until the turn ends. */
function packetsUntilEnd(turn: Turn, packet: Packet, ms: number): number {
  for (let count = 1; ; count++) {
    mockNow += ms;
    if (turn.endsWith(packet)) return count;
  }
}

test.each<Packet>([
  { cmd: 'subscribe', packetId: 1, subscriptions, properties: undefined },
  { cmd: 'unsubscribe', packetId: 1, filters, properties: undefined },
])('a turn ends with the first large $cmd, however small the packets before were', (packet) => {
  const turn = afterPings();
  expect(packetsUntilEnd(turn, packet, 12)).toBe(1);
  turn.stop();
});

test('a turn ends soon when packets begin to take long', () => {
  const turn = afterPings();
  expect(packetsUntilEnd(turn, ping, 1)).toBeLessThanOrEqual(32);
  turn.stop();
});
