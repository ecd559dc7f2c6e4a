import { from, Observable, type ObservableInput, take } from 'rxjs';
import { ConnectError, ErrorCode } from '../errors.js';
import { type DuplexLike, duplexConnection, isDuplex } from './duplex.js';
import { dialFailure } from './failures.js';
import { ignoreErrors } from './socket-connection.js';
import type { Connection, Transport } from './transport.js';
import { displayUrl } from './url.js';

/** A socket of Node that is not open yet. */
interface Opening {
  readonly connecting?: boolean;
  readonly secureConnecting?: boolean;
  readonly destroyed?: boolean;
  readonly readableObjectMode?: boolean;
  readonly readableEncoding?: string | null;
}

/**
 * A transport over your own streams: a socket from a factory, a tunnel through SSH, a serial line.
 *
 * `open` is called for each attempt, and returns a Node Duplex, or a promise or an Observable of one. If it is a socket
 * that is still connecting, the attempt waits for it. The stream belongs to the connection, which destroys it at its
 * end; a stream that arrives too late is destroyed at once.
 *
 * @example
 * ```ts
 * connect('mqtt://device',
 * { transport: fromDuplex(() => new SerialPort({ path: '/dev/ttyUSB0', baudRate: 115200 })) });
 * ```
 */
export function fromDuplex(open: () => DuplexLike | ObservableInput<DuplexLike>): Transport {
  return ({ url }) =>
    new Observable<Connection>((subscriber) => {
      const where = displayUrl(url);
      let taken: DuplexLike | undefined;
      const fail = (cause: unknown): void => subscriber.error(dialFailure(where, 'TCP', cause));
      const attach = (stream: DuplexLike): void => {
        const problem = problemOf(stream);
        if (problem !== undefined) return fail(unusable(where, problem));
        if (subscriber.closed) return giveUp(stream);
        taken = stream;
        subscriber.add(() => giveUp(stream));
        whenOpen(stream, fail, () => {
          const connection = duplexConnection(stream, where);
          subscriber.add(() => connection.destroy());
          subscriber.next(connection);
        });
      };
      const none = (): void => {
        if (taken === undefined) fail(unusable(where, 'open() returned no stream'));
      };

      let answer: DuplexLike | ObservableInput<DuplexLike>;
      try {
        answer = open();
      } catch (cause) {
        return fail(cause);
      }
      // A Duplex is an AsyncIterable, but here it is the value.
      if (typeof answer !== 'object' || answer === null || isDuplex(answer)) return attach(answer);
      // A promise cannot be cancelled, so `attach` destroys a stream that comes too late.
      if ('then' in answer) return void Promise.resolve(answer).then(attach, fail);
      subscriber.add(from(answer).pipe(take(1)).subscribe({ next: attach, error: fail, complete: none }));
    });
}

function problemOf(stream: DuplexLike): string | undefined {
  if (typeof stream !== 'object' || stream === null || !isDuplex(stream)) return 'open() returned no Duplex';
  const { destroyed, readableObjectMode, readableEncoding } = stream as Opening;
  if (destroyed === true) return 'the stream of open() is closed';
  if (readableObjectMode === true || (readableEncoding ?? null) !== null) {
    return 'the stream of open() emits objects or strings, not bytes';
  }
  return undefined;
}

/** Calls back at once for a stream that is open. */
function whenOpen(stream: DuplexLike, fail: (cause: unknown) => void, then: () => void): void {
  const { connecting, secureConnecting } = stream as Opening;
  const event = secureConnecting === true ? 'secureConnect' : connecting === true ? 'connect' : undefined;
  if (event === undefined) return then();
  const onClose = (): void => fail(new ConnectError('the stream of open() was closed before it was open'));
  const removeListeners = (): void => {
    stream.off(event, onOpen);
    stream.off('error', fail);
    stream.off('close', onClose);
  };
  const onOpen = (): void => {
    removeListeners();
    then();
  };
  stream.on(event, onOpen);
  stream.on('error', fail);
  stream.on('close', onClose);
}

function giveUp(stream: DuplexLike): void {
  ignoreErrors(stream);
  stream.destroy();
}

function unusable(where: string, why: string): ConnectError {
  return new ConnectError(`connecting to ${where} failed: ${why}; give a stream of bytes that is open`, {
    code: ErrorCode.INVALID_OPTION,
  });
}
