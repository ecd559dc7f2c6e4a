import { inVirtualTime, puback, suback } from './support.js';

describe('ackTimeout', () => {
  it('fails the publish that the broker does not acknowledge in time, counted from when it was sent', () => {
    inVirtualTime({ ackTimeout: 1000 }, (world) => {
      world.to(100);
      const early = world.watch(world.client.publish('a', '', { qos: 1 }));
      world.to(600);
      const late = world.watch(world.client.publish('b', '', { qos: 2 }));
      const answered = world.watch(world.client.publish('c', '', { qos: 1 }), () => 'ok');
      world.to(900);
      world.line.send(puback(3));
      world.to(3000);
      expect(early.log).toEqual(['1100 ! TimeoutError TIMEOUT']);
      expect(late.log).toEqual(['1600 ! TimeoutError TIMEOUT']);
      expect(answered.log).toEqual(['900 ok', '900 done']);
    });
  });

  it('keeps the packet identifier until the broker answers', () => {
    inVirtualTime({ ackTimeout: 1000 }, (world) => {
      world.to(0);
      world.fire(world.client.publish('a', '', { qos: 1 }));
      world.to(2000);
      expect(world.client.stats().inFlight.messages).toBe(1);
      world.line.send(puback(1));
      expect(world.client.stats()).toMatchObject({ inFlight: { messages: 0 }, strayAcknowledgements: 0 });
    });
  });

  it('fails subscribe and unsubscribe alike', () => {
    inVirtualTime({ ackTimeout: 1000 }, (world) => {
      world.to(0);
      const slow = world.watch(world.client.subscribe('a'));
      const fine = world.watch(world.client.subscribe('b', { properties: { userProperties: [['k', 'v']] } }));
      const unsubscribe = world.watch(world.client.unsubscribe('c'));
      world.to(500);
      world.line.send(suback(3, 0));
      world.to(1500);
      expect(slow.log).toEqual(['1000 ! TimeoutError TIMEOUT']);
      expect(fine.log).toEqual([]);
      expect(unsubscribe.log).toEqual(['1000 ! TimeoutError TIMEOUT']);
    });
  });
});
