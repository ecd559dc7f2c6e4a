import { from, of } from 'rxjs';
import { ErrorCode } from '../../src/errors.js';
import { topicFilter, withTopic } from '../../src/operators/topic-levels.js';
import { message } from './messages.js';
import { marbles } from './run-marbles.js';

describe('topicFilter', () => {
  it.each([
    ['site/{site}/temperature', 'site/+/temperature'],
    ['{a}/{b}', '+/+'],
    ['{a}', '+'],
    ['site/{site}/#', 'site/+/#'],
    ['+/{b}', '+/+'],
    ['a/b', 'a/b'],
    ['$share/g/site/{site}', '$share/g/site/+'],
  ])('of %s is %s', (template, filter) => {
    expect(topicFilter(template)).toBe(filter);
  });

  it.each([
    ['a/{}', 'has the level "{}"'],
    ['a/x{b}', 'has the level "x{b}"'],
    ['a/{b', 'has the level "{b"'],
    ['a/{__proto__}', 'has the level "{__proto__}"'],
    ['{a}/{a}', 'names {a} twice'],
    ['', 'is empty'],
    ['{a}/b#', 'holds "#" beside other characters in a level'],
  ])('refuses %s and says why', (template, problem) => {
    const refusal = expect.objectContaining({
      code: ErrorCode.INVALID_FILTER,
      message: expect.stringContaining(problem) as string,
    }) as Error;
    expect(() => topicFilter(template)).toThrow(refusal);
    expect(() => withTopic(template)).toThrow(refusal);
  });
});

describe('withTopic', () => {
  it('names the levels of the topic, and passes the message on', () => {
    const published = message('site/berlin/room/7', '21');
    const heard: unknown[] = [];
    of(published)
      .pipe(withTopic('site/{site}/room/{room}'))
      .subscribe(({ params, message: same }) => {
        const typed: { readonly site: string; readonly room: string } = params;
        heard.push(typed, same);
      });
    expect(heard).toEqual([{ site: 'berlin', room: '7' }, published]);
    expect(heard[1]).toBe(published);
  });

  it.each([
    ['{a}/#', 'x/y/z', { a: 'x' }],
    ['{a}/#', 'x', { a: 'x' }],
    ['a/{b}', 'a/', { b: '' }],
    ['{a}/{b}', '/y', { a: '', b: 'y' }],
    ['+/{b}', 'x/y', { b: 'y' }],
    ['$share/g/site/{site}', 'site/berlin', { site: 'berlin' }],
    ['a', 'a', {}],
  ])('%s reads %s as %j', (template, topic, params) => {
    const heard: unknown[] = [];
    from([message(topic, '')])
      .pipe(withTopic(template))
      .subscribe((value) => heard.push(value.params));
    expect(heard).toEqual([params]);
  });

  it('drops messages that do not match, completes with the source and unsubscribes from it', () => {
    const messages = { a: message('site/a', ''), b: message('other/b', ''), s: message('$SYS/s', '') };
    const values = { a: { params: { site: 'a' }, message: messages.a } };
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-a-b-s-a-|', messages);
      expectObservable(source$.pipe(withTopic('site/{site}'))).toBe('-a-----a-|', values);
      expectObservable(source$.pipe(withTopic('site/{site}')), '^--!').toBe('-a--', values);
      expectObservable(source$.pipe(withTopic('{first}/s')), '^--!').toBe('----');
      expectSubscriptions(source$.subscriptions).toBe(['^--------!', '^--!', '^--!']);
    })();
  });

  it(
    'errors with the source',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<{ topic: string }>('--#').pipe(withTopic('a/{b}'))).toBe('--#');
    }),
  );
});

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

it('a template that is no literal gives levels that may be undefined', () => {
  const template: string = ['site', '{site}'].join('/');
  const seen: unknown[] = [];
  of({ topic: 'site/7' })
    .pipe(withTopic(template))
    .subscribe(({ params }) => {
      const isExact: Same<typeof params, Readonly<Record<string, string | undefined>>> = true;
      seen.push(isExact, params['site'], params['other']);
    });
  of({ topic: 'site/7' })
    .pipe(withTopic('site/{site}'))
    .subscribe(({ params }) => {
      const isExact: Same<typeof params, Readonly<Record<'site', string>>> = true;
      seen.push(isExact, params.site);
    });
  expect(seen).toEqual([true, '7', undefined, true, '7']);
});
