import { catchError, concatMap, from, map, mergeMap, type ObservableInput, type OperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { ErrorCode, MqttError, PayloadError } from '../errors.js';
import { quoted } from '../quoted.js';
import { checkOptions, wrong } from '../options/check-options.js';
import { onErrorOr } from './on-error.js';
import type { SchemaOutput, SchemaResult, StandardSchema } from './standard-schema.js';

/** What {@link parse} does with a payload that is not JSON, or does not match the schema. */
export interface ParseOptions<T, M = MqttMessage> {
  /**
   * - `'error'`, the default: the stream errors with a {@link PayloadError}, which holds the topic and the issues;
   * - `'skip'`: the message is dropped. With `ack: 'manual'` it is acknowledged, because the messages behind it would
   *   wait for it;
   * - a function: its result is emitted instead; `undefined` drops the message as `'skip'` does; if it throws, the
   *   stream errors. Use it to count, log or refuse (`message.ack(0x99)`) bad messages.
   */
  readonly onError?: 'error' | 'skip' | ((error: PayloadError, message: M) => T | undefined | void);
}

/** What {@link parse} needs of a message. @inline */
export interface ParsableMessage {
  readonly topic: string;
  json(): unknown;
  ack?(): void;
}

/**
 * Parses the payload of each message as JSON, validates it with a schema, and emits the typed result. Any schema that
 * implements Standard Schema works (zod, valibot, arktype).
 *
 * The order of the messages is kept, even if the schema is asynchronous: the next message is validated after the
 * previous one.
 *
 * - Completes when the source has completed and its last message has been validated.
 * - Errors with the source, and for an invalid payload unless `onError` says otherwise.
 * - Holds the messages that wait for an asynchronous schema.
 * - Unsubscribing unsubscribes from the source and drops waiting messages.
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
  if (typeof (schema as Partial<StandardSchema> | null | undefined)?.['~standard']?.validate !== 'function') {
    throw wrong(schema, 'schema', 'parse', 'a Standard Schema');
  }

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
      if (Object(result) !== result) throw new TypeError('the schema gave no result');
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
  return new PayloadError(`parse: the payload of ${quoted(topic)} does not match the schema; see issues`, {
    topic,
    issues,
  });
}

function unreadable({ topic }: ParsableMessage, cause: unknown): PayloadError {
  const isJson = !(cause instanceof MqttError && cause.code === ErrorCode.INVALID_JSON);
  const problem = isJson ? 'could not be checked, because the schema failed' : 'is not JSON';
  return new PayloadError(`parse: the payload of ${quoted(topic)} ${problem}; see cause`, {
    topic,
    issues: [],
    cause,
  });
}
