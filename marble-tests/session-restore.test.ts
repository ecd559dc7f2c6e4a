import { of, throwError, timer, map } from 'rxjs';
import {
  connackWith,
  inVirtualTime,
  publish,
  shown,
  suback,
  table,
  unsuback,
  type Answers,
  type World,
} from './support.js';

let present = false;
beforeEach(() => (present = false));
const answers: Answers = {
  connect: () => connackWith({}, present),
  subscribe: ({ packetId, subscriptions }) => suback(packetId, ...subscriptions.map(({ qos }) => qos)),
  unsubscribe: ({ packetId, filters }) => unsuback(packetId, ...filters.map(() => 0)),
};
const kept = { clean: false, sessionExpiry: 60, reconnect: { jitter: 'none' }, answers } as const;
const lose = (world: World): void => {
  world.line.peer.fail();
  world.take();
};

describe('subscriptions and connections', () => {
  it('are asked for again when the session is lost, before anything else is sent', () => {
    inVirtualTime(kept, (world) => {
      world.fire(world.client.subscribe('a', { qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 1 }));
      world.fire(world.client.subscribe('b/#', { qos: 2 }));
      world.to(5);
      lose(world);
      world.fire(world.client.publish('x', '', { qos: 1 }));
      world.to(1005);
      expect(world.wire).toEqual(
        table(`
        1005 CONNECT v5
        1005 SUBSCRIBE #2 a:1nph1 b/#:2 id=2
        1005 PUBLISH #3 x "" q1
      `),
      );
    });
  });

  it('are not asked for again when the broker kept the session', () => {
    inVirtualTime(kept, (world) => {
      const { log } = world.watch(world.client.subscribe('a'), shown);
      world.to(5);
      lose(world);
      present = true;
      world.to(1005);
      expect(world.wire).toEqual(['1005 CONNECT v5']);
      world.line.send(publish('a', '1'));
      expect(log).toEqual(['1005 a=1']);
    });
  });

  it('what changed meanwhile is brought up to date in a kept session', () => {
    inVirtualTime(kept, (world) => {
      const one = world.watch(world.client.subscribe('one'));
      world.fire(world.client.subscribe('two'));
      world.to(5);
      lose(world);
      present = true;
      one.subscription.unsubscribe();
      world.fire(world.client.subscribe('three'));
      world.to(1005);
      expect(world.wire).toEqual(
        table(`
        1005 CONNECT v5
        1005 UNSUBSCRIBE #2 one
        1005 SUBSCRIBE #3 three:0 id=2
      `),
      );
    });
  });

  it('a SUBSCRIBE that was not answered is sent again also in a kept session', () => {
    inVirtualTime({ ...kept, answers: { connect: () => connackWith({}, present) } }, (world) => {
      world.fire(world.client.subscribe('a', { qos: 1 }));
      world.to(5);
      lose(world);
      present = true;
      world.to(1005);
      expect(world.wire).toEqual(['1005 CONNECT v5', '1005 SUBSCRIBE #2 a:1 id=2']);
    });
  });

  it('a SUBSCRIBE that was not answered is taken back in a kept session when nobody wants it any more', () => {
    inVirtualTime({ ...kept, answers: { connect: () => connackWith({}, present) } }, (world) => {
      const { subscription } = world.watch(world.client.subscribe('a', { qos: 1 }));
      world.to(5);
      lose(world);
      present = true;
      subscription.unsubscribe();
      world.to(1005);
      expect(world.wire).toEqual(['1005 CONNECT v5', '1005 UNSUBSCRIBE #2 a']);
    });
  });

  it('an UNSUBSCRIBE that was not answered is sent again', () => {
    inVirtualTime({ ...kept, answers: { connect: () => connackWith({}, present) } }, (world) => {
      world.to(5);
      const { log } = world.watch(world.client.unsubscribe('a'));
      world.by(1);
      lose(world);
      present = true;
      world.to(2000);
      expect(world.wire).toEqual(['1006 CONNECT v5', '1006 UNSUBSCRIBE #2 a']);
      world.line.send(unsuback(2, 0x11));
      expect(log).toEqual(['2000 17', '2000 done']);
    });
  });

  it('with `resubscribe: false` stay lost when the session is, until somebody asks again', () => {
    inVirtualTime({ ...kept, resubscribe: false }, (world) => {
      world.fire(world.client.subscribe('a'));
      world.to(5);
      lose(world);
      world.to(1005);
      expect(world.take()).toEqual(['1005 CONNECT v5']);
      lose(world);
      world.to(5000);
      expect(world.take()).toEqual(['3005 CONNECT v5']);
      world.fire(world.client.subscribe('b'));
      world.fire(world.client.subscribe('a'));
      world.by(0);
      expect(world.take()).toEqual(['5000 SUBSCRIBE #2 b:0 a:0 id=2']);
    });
  });

  it('show where they stand in subscriptions$', () => {
    inVirtualTime({ ...kept, answers: { connect: () => connackWith({}, present) } }, (world) => {
      const { log } = world.watch(world.client.subscriptions$, (all) =>
        [...all].map(([filter, { status, qos }]) => `${filter} ${status} ${String(qos)}`).join(', '),
      );
      world.to(5);
      world.fire(world.client.subscribe('a', { qos: 1 }));
      world.by(0);
      world.line.send(suback(1, 1));
      world.line.peer.fail();
      world.to(1005);
      world.line.send(suback(2, 1));
      expect([...new Set(log)]).toEqual([
        '0 ',
        '5 a pending undefined',
        '5 a active 1',
        '5 a lost 1',
        '1005 a pending undefined',
        '1005 a active 1',
      ]);
    });
  });
});

describe('beforeConnect', () => {
  const users = (world: World): string[] => world.wire.filter((row) => row.includes('CONNECT v'));

  it('is asked anew at each attempt, and may answer at once', () => {
    let token = 0;
    const contexts: unknown[] = [];
    const beforeConnect = (context: unknown) => {
      contexts.push(context);
      return { username: `token-${++token}` };
    };
    inVirtualTime({ beforeConnect, reconnect: { jitter: 'none' } }, (world) => {
      world.to(0);
      world.line.peer.fail();
      world.to(1000);
      expect(users(world)).toEqual(['0 CONNECT v5 clean user=token-1', '1000 CONNECT v5 clean user=token-2']);
      expect(contexts).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
    });
  });

  it('may answer later, with an Observable', () => {
    const beforeConnect = () => timer(70).pipe(map(() => ({ username: 'late', url: 'mqtt://elsewhere' })));
    inVirtualTime({ beforeConnect }, (world) => {
      world.to(69);
      expect(world.lines).toHaveLength(0);
      world.to(70);
      expect(users(world)).toEqual(['70 CONNECT v5 clean user=late']);
      expect(world.line.peer.url).toBe('mqtt://elsewhere');
    });
  });

  it.each([
    ['undefined', () => undefined],
    ['an Observable of undefined', () => of(undefined)],
    ['an Observable that is empty', () => of<undefined[]>()],
  ])('may answer with %s: then nothing changes', (_, beforeConnect) => {
    inVirtualTime({ username: 'me', beforeConnect: beforeConnect as () => undefined }, (world) => {
      world.to(0);
      expect(users(world)).toEqual(['0 CONNECT v5 clean user=me']);
    });
  });

  it.each([
    ['throws', () => { throw new RangeError('no token'); }], // prettier-ignore
    ['errors', () => throwError(() => new RangeError('no token'))],
  ])('that %s fails the attempt, which is retried', (_, beforeConnect) => {
    inVirtualTime({ beforeConnect, reconnect: { jitter: 'none' } }, (world) => {
      world.to(0);
      expect(world.client.state).toMatchObject({
        status: 'reconnecting',
        attempt: 2,
        reason: { name: 'ConnectError', cause: { message: 'no token' } },
      });
      world.to(1000);
      expect(world.client.state).toMatchObject({ attempt: 3 });
    });
  });

  it('is part of what connectTimeout measures', () => {
    inVirtualTime(
      { beforeConnect: () => timer(1e6).pipe(map(() => ({}))), connectTimeout: 100, reconnect: false },
      (world) => {
        world.to(100);
        expect(world.states.at(-2)).toBe('100 ended TimeoutError TIMEOUT');
      },
    );
  });
});
