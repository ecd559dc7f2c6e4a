import { StateCell } from '../../src/rx/state-cell.js';

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
