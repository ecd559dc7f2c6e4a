import { publish, shown, suback, type Answers } from '../../marble-tests/support.js';
import { connected, granted } from './connected.js';

describe('refusals', () => {
  const refuseB: Answers = {
    ...granted,
    subscribe: ({ packetId, subscriptions }) =>
      suback(packetId, ...subscriptions.map(({ filter, qos }) => (filter === 'b' ? 0x87 : qos))),
  };

  it('reach only the observers of the refused filter', () => {
    connected((world) => {
      const [a, b, both] = [['a'], ['b'], ['a', 'b']].map((filters) =>
        world.watch(world.client.subscribe(filters), shown),
      );
      world.by(1);
      expect([a?.log, b?.log, both?.log]).toEqual([
        [],
        ['0 ! SubscribeError SUBSCRIBE_REFUSED'],
        ['0 ! SubscribeError SUBSCRIBE_REFUSED'],
      ]);
      world.line.send(publish('a', '1'));
      expect(a?.log).toEqual(['1 a=1']);
    }, refuseB);
  });

  it('name the filter and the code', () => {
    connected((world) => {
      const errors: unknown[] = [];
      world.client.subscribe('b').subscribe({ error: (error: unknown) => errors.push(error) });
      world.by(1);
      expect(errors).toMatchObject([{ filter: 'b', reasonCode: 0x87 }]);
    }, refuseB);
  });

  it('can be retried by the application', () => {
    let allowed = false;
    const answers: Answers = { subscribe: ({ packetId }) => suback(packetId, allowed ? 0 : 0x80) };
    connected((world) => {
      const first = world.watch(world.client.subscribe('a'));
      world.by(1);
      expect(first.log).toEqual(['0 ! SubscribeError SUBSCRIBE_REFUSED']);
      allowed = true;
      const second = world.watch(world.client.subscribe('a'), shown);
      world.by(1);
      world.line.send(publish('a', '1'));
      expect(second.log).toEqual(['2 a=1']);
    }, answers);
  });

  it('of a repeated SUBSCRIBE do not reach observers that were granted theirs', () => {
    let count = 0;
    const answers: Answers = { subscribe: ({ packetId }) => suback(packetId, count++ === 0 ? 0 : 0x97) };
    connected((world) => {
      const first = world.watch(world.client.subscribe('a'), shown);
      world.by(1);
      const second = world.watch(world.client.subscribe('a', { qos: 1 }), shown);
      world.by(1);
      expect(second.log).toEqual(['1 ! SubscribeError SUBSCRIBE_REFUSED']);
      world.line.send(publish('a', '1'));
      expect(first.log).toEqual(['2 a=1']);
      const statuses: unknown[] = [];
      world.client.subscriptions$.subscribe((all) => statuses.push(all.get('a')));
      expect(statuses).toMatchObject([{ status: 'active', qos: 0 }]);
    }, answers);
  });

  it('for different options are a conflict, and affect only the second observer', () => {
    connected((world) => {
      const first = world.watch(world.client.subscribe('a', { noLocal: true }), shown);
      const second = world.watch(world.client.subscribe('a'));
      world.by(1);
      expect(second.log).toEqual(['0 ! SubscribeError SUBSCRIBE_CONFLICT']);
      expect(world.wire).toEqual(['0 SUBSCRIBE #1 a:0n id=1']);
      world.line.send(publish('a', '1'));
      expect(first.log).toEqual(['1 a=1']);
    });
  });

  it('a conflict in one filter of a list leaves nothing of the list behind', () => {
    connected((world) => {
      world.fire(world.client.subscribe('a', { noLocal: true }));
      world.by(1);
      world.take();
      expect(world.watch(world.client.subscribe(['b', 'a'])).log).toEqual(['1 ! SubscribeError SUBSCRIBE_CONFLICT']);
      world.by(1);
      expect(world.wire).toEqual([]);
    });
  });
});
