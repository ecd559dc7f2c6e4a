import { StateCell } from '../../src/rx/state-cell.js';
import { throwing, unhandledIn } from '../support/throwing.js';

const watch = (cell: StateCell<string>, act: (value: string) => void = () => undefined): string[] => {
  const log: string[] = [];
  cell.value$.subscribe({
    next(value) {
      log.push(value);
      act(value);
    },
    complete: () => log.push('|'),
  });
  return log;
};

describe('StateCell', () => {
  it('emits the current value at once, then each change', () => {
    const cell = new StateCell('a');
    const log = watch(cell);
    cell.set('b');
    expect(log).toEqual(['a', 'b']);
    expect(cell.value).toBe('b');
  });

  it('shows every transition to every observer in order, even one that an observer causes', () => {
    const cell = new StateCell('a');
    const first = watch(cell, (value) => value === 'b' && cell.set('c'));
    const second = watch(cell, (value) => value === 'c' && cell.finish('d'));
    cell.set('b');
    expect([first, second]).toEqual([
      ['a', 'b', 'c', 'd', '|'],
      ['a', 'b', 'c', 'd', '|'],
    ]);
  });

  it('emits each value once to an observer that subscribes inside a handler', () => {
    const cell = new StateCell('a');
    const logs: string[][] = [];
    watch(cell, (value) => {
      if (value === 'b') {
        cell.set('c');
        logs.push(watch(cell));
      }
    });
    cell.set('b');
    expect(logs).toEqual([['b', 'c']]);
  });

  it('shows an observer the transitions that it causes in the handler of its first value', () => {
    const cell = new StateCell('a');
    expect(watch(cell, (value) => value === 'a' && cell.set('b'))).toEqual(['a', 'b']);
    expect(watch(cell, (value) => value === 'b' && cell.finish('z'))).toEqual(['b', 'z', '|']);
  });

  it('goes on when an operator of an observer throws, which is reported', async () => {
    const errors = await unhandledIn(() => {
      const cell = new StateCell('a');
      throwing(cell.value$).subscribe();
      const log = watch(cell);
      cell.set('b');
      cell.finish('z');
      expect(log).toEqual(['a', 'b', 'z', '|']);
    });
    expect(errors).toHaveLength(3);
  });

  it('emits the last value to a late observer, and completes', () => {
    const cell = new StateCell('a');
    cell.finish('z');
    cell.set('b');
    cell.finish('y');
    expect(watch(cell)).toEqual(['z', '|']);
  });

  it('completes once for an observer that subscribes inside the handler of the last value', () => {
    const cell = new StateCell('a');
    const logs: string[][] = [];
    watch(cell, (value) => value === 'z' && logs.push(watch(cell)));
    cell.finish('z');
    expect(logs).toEqual([['z', '|']]);
  });

  it('forgets an observer that unsubscribes, even while it receives a value', () => {
    const cell = new StateCell('a');
    const log: string[] = [];
    const subscription = cell.value$.subscribe((value) => log.push(value));
    cell.set('b');
    subscription.unsubscribe();
    cell.set('c');
    expect(log).toEqual(['a', 'b']);
  });
});
