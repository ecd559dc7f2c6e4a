import { fromAbortSignal } from '../../src/operators/from-abort-signal.js';

/** A signal that counts its listeners. */
function counted(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>): void => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
    listeners--;
    remove(...args);
  };
  return { controller, listeners: () => listeners };
}

describe('fromAbortSignal', () => {
  it('errors with the reason when the signal is aborted, and leaves no listener', () => {
    const { controller, listeners } = counted();
    const error = jest.fn();
    fromAbortSignal(controller.signal).subscribe({ error });
    expect(listeners()).toBe(1);
    expect(error).not.toHaveBeenCalled();
    controller.abort('enough');
    expect(error.mock.calls).toEqual([['enough']]);
    expect(listeners()).toBe(0);
  });

  it('errors at once when the signal is already aborted', () => {
    const reason = new Error('too late');
    const error = jest.fn();
    fromAbortSignal(AbortSignal.abort(reason)).subscribe({ error });
    expect(error.mock.calls).toEqual([[reason]]);
  });

  it('removes its listener on unsubscribe', () => {
    const { controller, listeners } = counted();
    const error = jest.fn();
    fromAbortSignal(controller.signal).subscribe({ error }).unsubscribe();
    expect(listeners()).toBe(0);
    controller.abort();
    expect(error).not.toHaveBeenCalled();
  });
});
