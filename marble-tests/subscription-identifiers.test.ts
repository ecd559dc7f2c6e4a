import { connackWith, inVirtualTime, publish, suback, type Answers, type World } from './support.js';

const answers: Answers = {
  connect: () => connackWith({}, true),
  subscribe: ({ packetId }) => suback(packetId, 2),
};
const session = { clean: false, sessionExpiry: 100, answers } as const;

const observe = (world: World, filter: string): string[] =>
  world.watch(world.client.subscribe(filter, { qos: 2 }), (message) => message.text()).log;

/** A copy of a message as a broker sends it for the subscriptions with these identifiers. */
const copy = (topic: string, text: string, id: number, ...identifiers: number[]) =>
  publish(topic, text, { id, qos: 2, properties: { subscriptionIdentifier: identifiers } });

/** `t/#` and `t/a` have seen a message each, in a session of this process, and `t/#` was dropped. */
function withoutWide(test: (world: World, logs: { wide: string[]; narrow: string[] }) => void): void {
  inVirtualTime({ ...session, answers: { ...answers, connect: () => connackWith({}, false) } }, (world) => {
    world.to(0);
    const { log: wide, subscription } = world.watch(world.client.subscribe('t/#', { qos: 2 }), (message) =>
      message.text(),
    );
    const narrow = observe(world, 't/a');
    world.to(1);
    world.line.send(copy('t/a', 'one', 1, 1), copy('t/a', 'one', 2, 2));
    subscription.unsubscribe();
    world.to(2);
    test(world, { wide, narrow });
  });
}

describe('a copy that comes under the identifier of an earlier SUBSCRIBE', () => {
  it('goes to those of its filter alone, however often the filter was subscribed to since', () => {
    inVirtualTime(session, (world) => {
      world.to(0);
      const wide = observe(world, 't/#');
      const narrow = observe(world, 't/a');
      world.to(1);
      for (let n = 0; n < 100; n++) {
        world.client.subscribe('t/#', { qos: 2 }).subscribe().unsubscribe();
        world.by(1);
      }
      world.line.send(copy('t/a', 'for both', 1, 1, 2));
      world.line.send(copy('t/a', 'for t/#', 2, 1), copy('t/a', 'for t/a', 3, 2));
      expect(wide).toEqual(['101 for both', '101 for t/#']);
      expect(narrow).toEqual(['101 for both', '101 for t/a']);
    });
  });

  it('goes to all that match when this process does not know the identifier: who it is for cannot be told', () => {
    inVirtualTime(session, (world) => {
      world.to(0);
      const wide = observe(world, 't/#');
      const narrow = observe(world, 't/a');
      world.to(1);
      world.line.send(copy('t/a', 'of another process', 1, 77), copy('t/a', 'of both', 2, 77, 1));
      expect(wide).toEqual(['1 of another process', '1 of both']);
      expect(narrow).toEqual(['1 of another process', '1 of both']);
    });
  });

  it('goes to all that match when the identifier is another filter now, to whom the topic means nothing', () => {
    inVirtualTime(session, (world) => {
      world.to(0);
      const other = observe(world, 'other');
      world.to(1);
      world.line.send(copy('t/a', 'from before', 1, 1));
      const wide = observe(world, 't/#');
      const narrow = observe(world, 't/a');
      world.to(2);
      world.line.send(copy('t/a', 'from before too', 2, 1));
      expect(other).toEqual([]);
      expect(wide).toEqual(['1 from before', '2 from before too']);
      expect(narrow).toEqual(['1 from before', '2 from before too']);
    });
  });

  it('goes to no observer when that filter was dropped, because the others get their own copies', () => {
    withoutWide((world, { wide, narrow }) => {
      world.line.send(copy('t/a', 'two', 3, 1), copy('t/a', 'two', 4, 2), copy('t/a', 'three', 5, 1, 2));
      expect(wide).toEqual(['1 one']);
      expect(narrow).toEqual(['1 one', '2 two', '2 three']);
    });
  });

  it('arrives after all when the dropped filter is wanted again', () => {
    withoutWide((world, { narrow }) => {
      const again = observe(world, 't/#');
      world.to(3);
      world.line.send(copy('t/a', 'two', 3, 1), copy('t/a', 'two', 4, 2));
      expect(again).toEqual(['3 two']);
      expect(narrow).toEqual(['1 one', '3 two']);
    });
  });
});
