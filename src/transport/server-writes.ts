import { setImmediate } from 'node:timers';
import { report } from '../rx/report.js';
import type { Flushing, Writes } from './writes.js';

let waiting: Flushing[] = [];

/**
 * Writes once all sockets that were ready have been read. A microtask comes after each chunk of each socket: a
 * subscriber to many publishers would get a write for each of theirs, and a publisher an acknowledgement for each of
 * its chunks.
 */
function atEndOfTurn(flushing: Flushing): void {
  waiting.push(flushing);
  if (waiting.length === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const ready = waiting;
  waiting = [];
  for (const one of ready) {
    try {
      one.flushCommitted();
    } catch (error) {
      // A stream of the application may throw: the others are written all the same.
      report(error);
    }
  }
}

/** A server usually sends little per connection and has many of them. */
export const SERVER_WRITES: Writes = { blockSize: 16 * 1024, schedule: atEndOfTurn };
