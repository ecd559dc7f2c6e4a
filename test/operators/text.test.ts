import { text } from '../../src/operators/text.js';
import { message } from './messages.js';
import { marbles } from './run-marbles.js';

const messages = { a: message('t', 'grüß dich'), b: message('t', '') };
const values = { a: 'grüß dich', b: '' };

describe('text', () => {
  it.each([
    ['emits the payloads as text', '-a-b-|', '-a-b-|', '^----!'],
    ['errors with the source', '-a-#', '-a-#', '^--!'],
  ])('%s', (_, source, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source, messages);
      expectObservable(source$.pipe(text())).toBe(expected, values);
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
  });
});
