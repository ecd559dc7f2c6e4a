import { StateCell } from '../../src/connection/state.js';

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
  it('shows the current value at once and each one after it', () => {
    const cell = new StateCell('a');
    const log = watch(cell);
    cell.set('b');
    expect(log).toEqual(['a', 'b']);
    expect(cell.value).toBe('b');
  });

  it('shows every transition to every observer in order, also one that an observer causes', () => {
    const cell = new StateCell('a');
    const first = watch(cell, (value) => value === 'b' && cell.set('c'));
    const second = watch(cell, (value) => value === 'c' && cell.finish('d'));
    cell.set('b');
    expect([first, second]).toEqual([
      ['a', 'b', 'c', 'd', '|'],
      ['a', 'b', 'c', 'd', '|'],
    ]);
  });

  it('shows an observer that joins from inside a handler each value once', () => {
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

  it('shows who joins after the end the last value, and completes', () => {
    const cell = new StateCell('a');
    cell.finish('z');
    cell.set('b');
    cell.finish('y');
    expect(watch(cell)).toEqual(['z', '|']);
  });

  it('completes once for who joins from inside the handler of the last value', () => {
    const cell = new StateCell('a');
    const logs: string[][] = [];
    watch(cell, (value) => value === 'z' && logs.push(watch(cell)));
    cell.finish('z');
    expect(logs).toEqual([['z', '|']]);
  });

  it('forgets an observer that left, also while it is shown a value', () => {
    const cell = new StateCell('a');
    const log: string[] = [];
    const subscription = cell.value$.subscribe((value) => log.push(value));
    cell.set('b');
    subscription.unsubscribe();
    cell.set('c');
    expect(log).toEqual(['a', 'b']);
  });
});
