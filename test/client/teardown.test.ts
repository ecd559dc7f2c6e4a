import { config, map, type Observable, type Subscription } from 'rxjs';
import { puback, suback, type World } from '../../marble-tests/support.js';
import { connected } from './connected.js';

let reported: unknown[] = [];
beforeAll(() => {
  config.onUnhandledError = (error: Error & { errors?: readonly Error[] }) => {
    reported.push(...(error.errors ?? [error]).map(({ message }) => message));
  };
});
beforeEach(() => {
  reported = [];
});
afterAll(() => {
  config.onUnhandledError = null;
});

const ways: readonly [string, <T>(source: Observable<T>) => Subscription][] = [
  ['a function', (source) => source.subscribe(() => undefined)],
  ['an observer', (source) => source.subscribe({ next: () => undefined, error: () => undefined })],
  ['an operator', (source) => source.pipe(map((value) => value)).subscribe({ error: () => undefined })],
];

const throwing = (subscription: Subscription): Subscription => {
  subscription.add(() => {
    throw new Error('boom');
  });
  return subscription;
};

const isConnected = ({ client }: World): boolean => client.state.status === 'connected';

describe.each(ways)('a teardown that throws, of a subscription with %s,', (_, subscribe) => {
  it('does not hide the end from others', () => {
    connected((world) => {
      const first = throwing(subscribe(world.client.subscribe('a')));
      const second = subscribe(world.client.subscribe('b'));
      world.by(0);
      let ended = false;
      world.client.state$.subscribe({ complete: () => (ended = true) });
      void world.client.end();
      world.by(10);
      expect([first.closed, second.closed, ended, world.client.state.status]).toEqual([true, true, true, 'ended']);
      expect(reported).toEqual(['boom']);
    });
  });

  it('does not disturb unsubscribe()', () => {
    connected((world) => {
      const first = throwing(subscribe(world.client.subscribe('a')));
      const second = subscribe(world.client.subscribe('a'));
      const third = subscribe(world.client.subscribe('b'));
      world.by(0);
      const { log } = world.watch(world.client.unsubscribe(['a', 'b']));
      world.by(1);
      expect([first.closed, second.closed, third.closed, isConnected(world)]).toEqual([true, true, true, true]);
      expect(log).toEqual(['0 0,0', '0 done']);
      expect(reported).toEqual(['boom']);
    });
  });

  it('does not end the connection when unsubscribe() is answered', () => {
    connected((world) => {
      const first = throwing(subscribe(world.client.unsubscribe('a')));
      world.by(1);
      expect([first.closed, isConnected(world)]).toEqual([true, true]);
      expect(reported).toEqual(['boom']);
    });
  });

  it.each(['state$', 'subscriptions$'] as const)('of %s, does not hide the end from others', (name) => {
    connected((world) => {
      const first = throwing(subscribe<unknown>(world.client[name]));
      const second = subscribe<unknown>(world.client[name]);
      void world.client.end();
      world.by(10);
      expect([first.closed, second.closed, world.client.state.status]).toEqual([true, true, 'ended']);
      expect(reported).toEqual(['boom']);
    });
  });

  it('does not end the connection when the broker refuses the filter', () => {
    connected(
      (world) => {
        const first = throwing(subscribe(world.client.subscribe('a')));
        const second = subscribe(world.client.subscribe('a'));
        world.by(1);
        expect([first.closed, second.closed, isConnected(world)]).toEqual([true, true, true]);
        expect(reported).toContain('boom');
      },
      { subscribe: ({ packetId }) => suback(packetId, 0x87) },
    );
  });

  it.each([0, 0x97])('does not end the connection when a publish is answered with %i', (reasonCode) => {
    connected((world) => {
      const first = throwing(subscribe(world.client.publish('a', '', { qos: 1 })));
      const second = subscribe(world.client.publish('b', '', { qos: 1 }));
      world.by(0);
      world.line.send(puback(1, reasonCode), puback(2, reasonCode));
      expect([first.closed, second.closed, isConnected(world)]).toEqual([true, true, true]);
      world.by(1);
      expect(reported).toContain('boom');
    });
  });
});
