import { type Subscription, timer } from 'rxjs';
import type { ConnectPacket } from '../src/index.js';
import { connack, inVirtualTime, type Answers, type World, type WorldOptions } from './support.js';

/** What a broker does with wills (section 3.1.3.2.2): published after the delay, unless the session is continued first. */
class WillKeeper {
  readonly published: string[] = [];
  private readonly waiting = new Map<string, Subscription>();
  private world: World | undefined;

  readonly answers: Answers = {
    connect: (connect, line) => {
      const held = this.waiting.get(connect.clientId);
      held?.unsubscribe();
      if (held !== undefined && connect.clean) this.publish(connect);
      this.onClose.push(() => {
        const goodbye = line.packets.find((packet) => packet.cmd === 'disconnect');
        if (goodbye?.cmd === 'disconnect' && goodbye.reasonCode === 0) return;
        if (connect.will === undefined) return;
        const { willDelayInterval = 0 } = connect.will.properties ?? {};
        const expiry = connect.properties?.sessionExpiryInterval ?? 0;
        const delay = Math.min(willDelayInterval, expiry) * 1000;
        this.waiting.set(
          connect.clientId,
          timer(delay).subscribe(() => this.publish(connect)),
        );
      });
      return connack({ sessionPresent: !connect.clean && held !== undefined });
    },
  };
  private readonly onClose: (() => void)[] = [];

  watch(world: World): void {
    this.world = world;
  }

  /** The newest connection is gone. */
  lost(): void {
    this.onClose.at(-1)?.();
  }

  private publish({ will }: ConnectPacket): void {
    this.published.push(`${this.world?.now ?? -1} ${will?.topic ?? ''}`);
  }
}

const will = { topic: 'state/c', payload: 'gone', qos: 1, retain: true, properties: { willDelayInterval: 5 } } as const;
const persistent = { clean: false, sessionExpiry: 60, will } as const;

function withWills(options: WorldOptions, test: (world: World, keeper: WillKeeper) => void): void {
  const keeper = new WillKeeper();
  inVirtualTime({ ...options, answers: keeper.answers }, (world) => {
    keeper.watch(world);
    test(world, keeper);
  });
}

const lose = (world: World, keeper: WillKeeper): void => {
  world.line.peer.fail();
  keeper.lost();
};

describe('the will', () => {
  it('[v5 MQTT-3.1.2-9] goes out with CONNECT at every attempt, with its delay and all its properties', () => {
    const properties = {
      willDelayInterval: 5,
      payloadFormatIndicator: true,
      messageExpiryInterval: 9,
      contentType: 'text/plain',
      responseTopic: 'r',
      correlationData: Uint8Array.of(1),
      userProperties: [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
    } as const;
    inVirtualTime(
      { ...persistent, will: { ...will, properties }, reconnect: { minDelay: 100, jitter: 'none' } },
      (world) => {
        world.to(0);
        world.line.peer.fail();
        world.to(200);
        expect(world.lines).toHaveLength(2);
        for (const { packets } of world.lines) {
          expect(packets[0]).toMatchObject({ will: { topic: 'state/c', qos: 1, retain: true, properties } });
        }
      },
    );
  });

  it('is not published when the client is back, with its session, before the delay is over', () => {
    withWills({ ...persistent, reconnect: { minDelay: 4000, jitter: 'none' } }, (world, keeper) => {
      world.to(10);
      lose(world, keeper);
      world.to(20_000);
      expect(world.states.slice(-3)).toEqual(['10 reconnecting 1 in 4000', '4010 connecting 1', '4010 connected']);
      expect(keeper.published).toEqual([]);
    });
  });

  it('is published when the backoff is longer than the delay', () => {
    withWills({ ...persistent, reconnect: { minDelay: 8000, jitter: 'none' } }, (world, keeper) => {
      world.to(10);
      lose(world, keeper);
      world.to(20_000);
      expect(keeper.published).toEqual(['5010 state/c']);
    });
  });

  it('is not waited for where the session ends with the connection', () => {
    withWills({ will, reconnect: { minDelay: 4000, jitter: 'none' } }, (world, keeper) => {
      world.to(10);
      lose(world, keeper);
      world.to(20);
      expect(keeper.published).toEqual(['10 state/c']);
    });
  });

  it('[v5 MQTT-3.14.4-3] is discarded by end(), and published by end({ reasonCode: 0x04 })', () => {
    withWills(persistent, (world, keeper) => {
      world.to(10);
      void world.client.end({ reasonCode: 0x04 });
      world.to(20);
      keeper.lost();
      expect(world.take()).toEqual(['0 CONNECT v5', '10 DISCONNECT 0x04', '10 closed']);
      world.to(10_000);
      expect(keeper.published).toEqual(['5020 state/c']);
    });
    withWills(persistent, (world, keeper) => {
      world.to(10);
      void world.client.end();
      world.to(20);
      keeper.lost();
      world.to(10_000);
      expect(keeper.published).toEqual([]);
    });
  });

  it('[v4 MQTT-3.14.4-3] is published on 3.1.1 by closing without DISCONNECT', () => {
    inVirtualTime({ protocolVersion: 4, will: { topic: 't' } }, (world) => {
      world.to(10);
      void world.client.end({ reasonCode: 0x04 });
      world.to(20);
      expect(world.take()).toEqual(['0 CONNECT v4 clean', '10 closed']);
    });
  });
});

describe('the options of end()', () => {
  it.each([0x8d, 0x8e, 0x9c, 0x18, 1, 256, 1.5])('[v5 MQTT-3.14.2-1] refuses the reason code %d', (reasonCode) => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.take();
      expect(() => world.client.end({ reasonCode })).toThrow(TypeError);
      expect(world.take()).toEqual([]);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it.each([0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99])(
    '[v5 MQTT-3.14.2-1] [v5 MQTT-3.14.4-1] [v5 MQTT-3.14.4-2] says %d and closes, and nothing follows',
    (reasonCode) => {
      inVirtualTime({ keepalive: 1 }, (world) => {
        world.to(0);
        world.take();
        void world.client.end({ reasonCode });
        world.to(10_000);
        const code = reasonCode === 0 ? '' : ` 0x${reasonCode.toString(16).padStart(2, '0')}`;
        expect(world.take()).toEqual([`0 DISCONNECT${code}`, '0 closed']);
      });
    },
  );

  it('takes a session expiry above 0 only where CONNECT had one', () => {
    inVirtualTime({ sessionExpiry: 60 }, (world) => {
      world.to(0);
      void world.client.end({ sessionExpiry: 5 });
      world.to(10);
      expect(world.line.packets.at(-1)).toMatchObject({ cmd: 'disconnect', properties: { sessionExpiryInterval: 5 } });
    });
    inVirtualTime({}, (world) => {
      expect(() => world.client.end({ sessionExpiry: 5 })).toThrow(TypeError);
      expect(() => world.client.end({ sessionExpiry: -1 })).toThrow(TypeError);
    });
  });
});
