import { map, type ObservedValueOf, of } from 'rxjs';
import { MqttError } from '../../src/errors.js';
import { json } from '../../src/operators/json.js';
import { message } from './messages.js';
import { marbles } from './run-marbles.js';

const messages = { a: message('t', '{"n":1}'), b: message('t', 'null'), x: message('bad', '{') };
const values = { a: { n: 1 }, b: null, r: 'replaced' };

/** What the payload of `x` gives. */
function notJson(): unknown {
  try {
    messages.x.json();
  } catch (error) {
    return error;
  }
  throw new Error('"{" was read as JSON');
}

describe('json', () => {
  it.each<[string, Parameters<typeof json<unknown>>[0], string, string, string]>([
    ['emits what the payloads say, null too', {}, '-a-b-|', '-a-b-|', '^----!'],
    ['errors on a payload that is not JSON', {}, '-a-x-b-|', '-a-#', '^--!'],
    ['errors on it with onError: error', { onError: 'error' }, '-x-|', '-#', '^!'],
    ['leaves it out with onError: skip', { onError: 'skip' }, '-a-x-b-|', '-a---b-|', '^------!'],
    ['emits what the handler returns', { onError: () => 'replaced' }, '-a-x-b-|', '-a-r-b-|', '^------!'],
    ['leaves out what the handler returns undefined for', { onError: () => undefined }, '-x-b-|', '---b-|', '^----!'],
  ])('%s', (_, options, source, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source, messages);
      expectObservable(source$.pipe(json(options))).toBe(expected, values, notJson());
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
  });

  it(
    'errors with what the handler throws',
    marbles(({ cold, expectObservable }) => {
      const error = new Error('poison');
      const options = {
        onError: (): never => {
          throw error;
        },
      };
      expectObservable(cold('-a-x-b-|', messages).pipe(json(options))).toBe('-a-#', values, error);
    }),
  );

  it('passes the error and the message to the handler', () => {
    const heard: unknown[] = [];
    of(messages.x)
      .pipe(json({ onError: (error, bad) => void heard.push(error, bad.topic) }))
      .subscribe();
    expect(heard).toEqual([notJson(), 'bad']);
  });

  it.each(['skip', () => undefined] as const)('acknowledges what is left out (%#), and nothing else', (onError) => {
    const acks: string[] = [];
    const acked = ({ topic, text }: { topic: string; text: string }) => ({
      json: <U>() => message(topic, text).json<U>(),
      ack: () => void acks.push(topic),
    });
    of({ topic: 'a', text: '1' }, { topic: 'bad', text: '{' }, { topic: 'b', text: '2' })
      .pipe(map(acked), json({ onError }))
      .subscribe();
    expect(acks).toEqual(['bad']);
  });

  it('is unknown without a type', () => {
    const isUnknown: unknown extends ObservedValueOf<ReturnType<ReturnType<typeof json>>> ? true : false = true;
    expect(isUnknown).toBe(true);
  });

  it(
    'passes the error of the source on',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-#', messages).pipe(json({ onError: 'skip' }))).toBe('-a-#', values);
    }),
  );

  it(
    'unsubscribes from the source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-a-a-a-a', messages);
      expectObservable(source$.pipe(json()), '^---!').toBe('-a-a', values);
      expectSubscriptions(source$.subscriptions).toBe('^---!');
    }),
  );
});

describe('a payload that is not JSON', () => {
  const bad = message('hall/"7"', '{"secret":');

  it('errors with the topic and the cause, and without the payload', () => {
    const error = jest.fn();
    of(bad).pipe(json()).subscribe({ error });
    const [[thrown]] = error.mock.calls as [[MqttError]];
    expect(thrown).toBeInstanceOf(MqttError);
    expect(thrown).toMatchObject({ code: 'INVALID_JSON', message: expect.stringContaining('"hall/\\"7\\""') });
    expect(thrown.message).not.toContain('secret');
    expect(thrown.cause).toBeInstanceOf(SyntaxError);
  });

  it('does so for message.json() and for the errors of onError, too', () => {
    expect(() => bad.json()).toThrow('the payload of "hall/\\"7\\"" is not JSON');
    const told: unknown[] = [];
    of(bad)
      .pipe(json({ onError: (error) => void told.push(error) }))
      .subscribe();
    expect(told).toEqual([expect.objectContaining({ code: 'INVALID_JSON' })]);
  });
});
