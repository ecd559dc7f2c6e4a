import { finalize, Subscription } from 'rxjs';
import { Broadcast } from '../../src/rx/broadcast.js';
import { throwing, unhandledIn } from '../support/throwing.js';

const watch = (broadcast: Broadcast<string>, log: string[] = []): string[] => {
  broadcast.stream$.subscribe({ next: (value) => log.push(value), complete: () => log.push('|') });
  return log;
};

describe('Broadcast', () => {
  it('emits each value to all observers, then completes them, and later ones at once', () => {
    const broadcast = new Broadcast<string>();
    const logs = [watch(broadcast), watch(broadcast)];
    broadcast.next('a');
    broadcast.complete();
    broadcast.next('b');
    expect([...logs, watch(broadcast)]).toEqual([['a', '|'], ['a', '|'], ['|']]);
  });

  it('is observed until the last observer has left', () => {
    const broadcast = new Broadcast<string>();
    expect(broadcast.observed).toBe(false);
    const subscription = broadcast.stream$.subscribe();
    expect(broadcast.observed).toBe(true);
    subscription.unsubscribe();
    expect(broadcast.observed).toBe(false);
  });

  it('skips an observer that another one has unsubscribed, and serves one that joins from the next value on', () => {
    const broadcast = new Broadcast<string>();
    const later = new Subscription();
    const [left, joined]: string[][] = [[], []];
    broadcast.stream$.subscribe(() => {
      later.unsubscribe();
      if (joined?.length === 0) watch(broadcast, joined);
    });
    later.add(broadcast.stream$.subscribe((value) => left?.push(value)));
    broadcast.next('a');
    broadcast.next('b');
    expect(left).toEqual([]);
    expect(joined).toContain('b');
    expect(joined).not.toContain('a');
  });

  it('reports what an operator or a teardown throws, and goes on', async () => {
    const errors = await unhandledIn(() => {
      const broadcast = new Broadcast<string>();
      throwing(broadcast.stream$).subscribe();
      const failing = (): void => {
        throw new Error('teardown');
      };
      broadcast.stream$.pipe(finalize(failing)).subscribe();
      const log = watch(broadcast);
      broadcast.next('a');
      broadcast.complete();
      expect(log).toEqual(['a', '|']);
    });
    expect(errors).toHaveLength(2);
  });
});
