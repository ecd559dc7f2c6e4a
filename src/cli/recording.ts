import { createReadStream } from 'node:fs';
import { type RecordedMessage, readRecorded } from '../packet/recorded-message.js';
import { decodeUtf8 } from '../utf8.js';
import { linesOf } from './lines.js';
import { readFailure } from './read-failure.js';

/** A message of a recording and when it is due, in ms since the beginning. */
export interface DueMessage {
  readonly at: number;
  readonly line: RecordedMessage;
}

/** How far a recording has been read, in bytes. */
export interface Reading {
  bytes: number;
}

/** The chunks of a file. @throws Error (rejects) that names the file, when it cannot be read. */
export async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw readFailure(file, error);
  }
}

/** The messages of a recording. @throws Error (rejects) that names the line, when one cannot be read. */
export async function* recordingOf(
  chunks: AsyncIterable<Uint8Array>,
  reading: Reading,
): AsyncGenerator<RecordedMessage> {
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number++;
    if (number === 1 && line[0] === 0x1f && line[1] === 0x8b) {
      throw new Error('the recording is compressed; give zcat FILE | rxmqtt replay -');
    }
    reading.bytes += line.length + 1;
    const text = decodeUtf8(line).trim();
    if (text !== '') yield readRecorded(text, number);
  }
}

/** Schedules messages at a speed (`Infinity`: at once). The next round begins at the time of the last message. */
export async function* scheduled(
  rounds: () => Iterable<RecordedMessage> | AsyncIterable<RecordedMessage>,
  speed: number,
  loops: boolean,
): AsyncGenerator<DueMessage> {
  let begin = 0;
  do {
    let first: number | undefined;
    let at = begin;
    for await (const line of rounds()) {
      first ??= line.time;
      // A recording put together from several may go back in time; the messages keep their order.
      at = Math.max(at, begin + (line.time - first) / speed);
      yield { at, line };
    }
    if (first === undefined) return;
    begin = at;
  } while (loops);
}
