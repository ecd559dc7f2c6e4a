import { catchError, concatMap, from, map, mergeMap, type ObservableInput, type OperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { PayloadError } from '../errors.js';
import { checkOptions } from '../options/check-options.js';
import { onErrorOr } from './on-error.js';
import type { SchemaOutput, SchemaResult, StandardSchema } from './standard-schema.js';

/** What {@link parse} does with a payload that is not JSON, or does not match the schema. */
export interface ParseOptions<T, M = MqttMessage> {
  /**
   * - `'error'`, the default: the stream errors with a {@link PayloadError}, which tells the topic and what is wrong;
   * - `'skip'`: the message is left out, and acknowledged (`ack: 'manual'`), or the ones behind it would wait for it;
   * - a function: what it returns is emitted instead, `undefined` leaves the message out as `'skip'` does, and what it
   *   throws errors the stream. It is the place to count, log or refuse (`message.ack(0x99)`) the bad ones.
   */
  readonly onError?: 'error' | 'skip' | ((error: PayloadError, message: M) => T | undefined | void);
}

/** What {@link parse} needs of a message. */
export interface ParsableMessage {
  readonly topic: string;
  json(): unknown;
  ack?(): void;
}

/**
 * Emits the payload of each message, read as JSON and checked by a schema: what the schema makes of it, in its type. Any
 * schema will do that keeps to Standard Schema (zod, valibot, arktype).
 *
 * Values come in the order of the messages, also where a schema is asynchronous; the next message is checked then when the
 * last one is.
 *
 * - Completes when the source has completed and its last message is checked.
 * - Errors with the source, and on a payload that does not match unless `onError` says otherwise.
 * - Holds the messages that wait for an asynchronous schema.
 * - Unsubscribing unsubscribes from the source and drops what waits.
 *
 * ```ts
 * const reading = z.object({ celsius: z.number() });
 * client.subscribe('site/+/reading').pipe(
 *   parse(reading, { onError: 'skip' }),
 * ).subscribe(({ celsius }) => show(celsius));
 * ```
 */
export function parse<Schema extends StandardSchema, M extends ParsableMessage = MqttMessage>(
  schema: Schema,
  options: ParseOptions<SchemaOutput<Schema>, M> = {},
): OperatorFunction<M, SchemaOutput<Schema>> {
  type Output = SchemaOutput<Schema>;
  const { onError = 'error' } = checkOptions<ParseOptions<Output, M>>(options, { onError: onErrorOr('skip') }, 'parse');

  const conclude = (message: M, outcome: Outcome<Output>): Output[] => {
    if (!(outcome instanceof PayloadError)) return [outcome.value];
    if (onError === 'error') throw outcome;
    const instead = onError === 'skip' ? undefined : onError(outcome, message);
    if (instead !== undefined) return [instead];
    message.ack?.();
    return [];
  };

  return concatMap((message: M): ObservableInput<Output> => {
    let result: SchemaResult<Output> | Promise<SchemaResult<Output>>;
    try {
      result = schema['~standard'].validate(message.json());
    } catch (thrown) {
      return conclude(message, unreadable(message, thrown));
    }
    if (!('then' in result)) return conclude(message, outcomeOf(message, result));
    return from(result).pipe(
      map((settled) => outcomeOf(message, settled)),
      catchError((thrown: unknown) => [unreadable(message, thrown)]),
      mergeMap((outcome) => conclude(message, outcome)),
    );
  });
}

type Outcome<T> = { readonly value: T } | PayloadError;

function outcomeOf<T>({ topic }: ParsableMessage, result: SchemaResult<T>): Outcome<T> {
  if (result.issues === undefined) return result;
  const { issues } = result;
  return new PayloadError(`parse: the payload of ${JSON.stringify(topic)} does not match the schema; see issues`, {
    topic,
    issues,
  });
}

function unreadable({ topic }: ParsableMessage, cause: unknown): PayloadError {
  const problem = cause instanceof SyntaxError ? 'is not JSON' : 'could not be checked, because the schema failed';
  return new PayloadError(`parse: the payload of ${JSON.stringify(topic)} ${problem}; see cause`, {
    topic,
    issues: [],
    cause,
  });
}
