import { of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { firstWithin } from '../../src/rx/first-within.js';

const late = new Error('late');

describe('firstWithin', () => {
  it.each([
    ['errors, and leaves the source, when nothing came in time', '----a|', '---#', '^--!'],
    ['lets everything pass that comes behind a first value in time', '-a-----b|', '-a-----b|', '^-------!'],
    ['lets a source end in time without a value', '--|', '--|', '^-!'],
    ['hands on what the source errors with in time', '--#', '--#', '^-!'],
    ['prefers a value that comes at the last moment', '---a|', '---a|', '^---!'],
  ])('%s', (_, source, expected, subscribed) => {
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
      ({ cold, expectObservable, expectSubscriptions }) => {
        const error = source.includes('#') ? new Error('of the source') : late;
        const source$ = cold(source, undefined, error);
        expectObservable(source$.pipe(firstWithin(3, () => late))).toBe(expected, undefined, error);
        expectSubscriptions(source$.subscriptions).toBe(subscribed);
      },
    );
  });

  it('starts no timer for a source that emits at once', () => {
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(({ expectObservable }) => {
      expectObservable(of('a').pipe(firstWithin(3, () => late))).toBe('(a|)');
    });
  });
});
