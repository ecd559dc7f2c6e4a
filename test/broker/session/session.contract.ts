import { firstValueFrom } from 'rxjs';
import type { AckCommand, QoS } from '../../../src/packet/packets.js';
import { PublishPacket } from '../../../src/packet/publish-packet.js';
import { LARGEST_PACKET } from '../../../src/packet/limits.js';
import type { OutgoingPublish } from '../../../src/session/outgoing-publish.js';
import type { Rooms } from '../../../src/broker/rooms.js';
import { Subscription } from '../../../src/broker/routing/subscription.js';
import type { ClientPort } from '../../../src/broker/session/client-port.js';
import type { OpenedSession } from '../../../src/broker/session/session-directory.js';

/** A broker without connections, whose sessions a contract suite is held against. */
export interface SessionsUnderTest {
  readonly rooms: Rooms;
  /** Everything that is in memory alone is gone: another process goes on, or another node. */
  forget(): Promise<SessionsUnderTest>;
}

/** A connection that notes what its session does with it. */
class Port implements ClientPort {
  readonly limits = {
    protocolVersion: 5,
    receiveMaximum: 2,
    maximumQoS: 2,
    retainAvailable: true,
    maximumPacketSize: LARGEST_PACKET,
  } as const;
  readonly acceptsPreEncoded = false;
  readonly taken = 0;
  readonly progress = 0;
  congested = false;
  /** `text`, `text again` with DUP, `pubrel 7`, `disconnect 142`. */
  readonly seen: string[] = [];
  readonly ids = new Map<string, number>();
  private waiting: (() => void) | undefined = undefined;

  publish({ payload, packetId }: OutgoingPublish, dup: boolean): void {
    const text = Buffer.from(payload).toString();
    this.ids.set(text, packetId);
    this.note(dup ? `${text} again` : text);
  }

  publishPreEncoded(): void {
    throw new Error('this connection takes nothing that was encoded for others');
  }

  acknowledge(cmd: AckCommand, packetId: number): void {
    this.note(`${cmd} ${packetId}`);
  }

  disconnect(reasonCode: number): void {
    this.note(`disconnect ${reasonCode}`);
  }

  /** What it has seen, once there is so much of it. */
  async first(count: number): Promise<readonly string[]> {
    while (this.seen.length < count) await new Promise<void>((resolve) => (this.waiting = resolve));
    return this.seen;
  }

  private note(event: string): void {
    this.seen.push(event);
    this.waiting?.();
  }
}

/**
 * What every directory of sessions keeps, in memory or in a store.
 *
 * @param create - a directory with nothing in it.
 */
export function sessionContract(name: string, create: () => Promise<SessionsUnderTest>): void {
  describe(`sessions ${name}`, () => {
    let sessions: SessionsUnderTest;

    beforeEach(async () => {
      sessions = await create();
    });

    const forget = async (): Promise<void> => {
      sessions = await sessions.forget();
    };

    function open(clientId: string, clean = false, expiryInterval = 3600): Promise<OpenedSession> {
      return firstValueFrom(sessions.rooms.sessions.open(clientId, { clean, expiryInterval }));
    }

    /** Opens a session and binds it to a connection. */
    async function connect(clientId: string, clean = false, expiryInterval = 3600) {
      const { rooms } = sessions;
      const port = new Port();
      const opened = await firstValueFrom(rooms.sessions.open(clientId, { clean, expiryInterval }));
      const { session, present } = opened;
      rooms.sessions.attach(session, port);
      return { session, present, port, leave: () => rooms.sessions.release(session, port, undefined) };
    }

    function subscribe(
      { session }: { readonly session: OpenedSession['session'] },
      filter: string,
      qos: QoS = 2,
    ): void {
      const subscription = new Subscription(session, { filter, qos }, 0);
      sessions.rooms.subscriptions.add(subscription);
      session.subscribe(subscription, false);
    }

    function publish(topic: string, ...texts: string[]): void {
      for (const text of texts) {
        sessions.rooms.dispatcher.publish(new PublishPacket(topic, Buffer.from(text), 1, false, false, 0, undefined));
      }
    }

    it('are new at first, and present when the client returns', async () => {
      const first = await connect('a');
      expect(first.present).toBe(false);
      first.leave();
      await forget();
      expect((await open('a')).present).toBe(true);
      expect((await open('b')).present).toBe(false);
    });

    it('are gone after a clean start, and with the connection when they have no expiry', async () => {
      const first = await connect('a');
      subscribe(first, 't');
      first.leave();
      await forget();
      const second = await connect('a', true, 0);
      expect([second.present, second.session.subscriptions.size]).toEqual([false, 0]);
      second.leave();
      await forget();
      expect((await open('a')).present).toBe(false);
      expect(sessions.rooms.subscriptions.size).toBe(0);
    });

    it('keep their subscriptions', async () => {
      const first = await connect('a');
      subscribe(first, 't', 1);
      subscribe(first, 'u', 2);
      first.session.unsubscribe('u');
      first.leave();
      await forget();
      const { session } = await open('a');
      expect([...session.subscriptions.values()].map(({ filter, qos }) => [filter, qos])).toEqual([['t', 1]]);
    });

    it('[v5 MQTT-4.6.0-6] keep messages for an offline client in order', async () => {
      const first = await connect('a');
      subscribe(first, 't');
      first.leave();
      publish('t', 'one');
      await forget();
      publish('t', 'two');
      const { port, session } = await connect('a');
      publish('t', 'three');
      // The window takes two.
      expect(await port.first(2)).toEqual(['one', 'two']);
      session.acknowledged({ cmd: 'puback', packetId: port.ids.get('one') ?? 0, reasonCode: 0 });
      expect(await port.first(3)).toEqual(['one', 'two', 'three']);
    });

    it('[v5 MQTT-4.4.0-1] send unacknowledged messages again with their identifiers', async () => {
      const first = await connect('a');
      subscribe(first, 't');
      publish('t', 'one', 'two', 'three');
      expect(await first.port.first(2)).toEqual(['one', 'two']);
      first.session.acknowledged({ cmd: 'puback', packetId: first.port.ids.get('one') ?? 0, reasonCode: 0 });
      expect(await first.port.first(3)).toEqual(['one', 'two', 'three']);
      first.leave();
      publish('t', 'four');
      await forget();
      const { port } = await connect('a');
      expect(await port.first(2)).toEqual(['two again', 'three again']);
      expect([port.ids.get('two'), port.ids.get('three')]).toEqual([
        first.port.ids.get('two'),
        first.port.ids.get('three'),
      ]);
    });

    it('hold no block that a message came in once its client is away', async () => {
      const first = await connect('a');
      subscribe(first, 't');
      const block = Buffer.from('one, and much that came behind it');
      const { dispatcher } = sessions.rooms;
      dispatcher.publish(new PublishPacket('t', block.subarray(0, 3), 1, false, false, 0, undefined));
      expect(await first.port.first(1)).toEqual(['one']);
      first.leave();
      block.fill(0);
      const { port } = await connect('a');
      expect(await port.first(1)).toEqual(['one again']);
    });

    it('[v5 MQTT-4.3.3-10] know which QoS 2 messages of their clients are open', async () => {
      const first = await connect('a');
      first.session.openIds.add(7);
      first.session.log?.received(7, () => undefined);
      first.leave();
      await forget();
      expect([...(await open('a')).session.openIds]).toEqual([7]);
    });

    it('[v5 MQTT-3.1.4-3] end the old connection when a new one takes over', async () => {
      const first = await connect('a');
      const second = await connect('a');
      expect(first.port.seen).toEqual(['disconnect 142']);
      expect(second.present).toBe(true);
      first.leave();
      expect(second.session.port).toBe(second.port);
    });

    it('[v5 MQTT-4.8.2-5] pass undelivered messages of a group member to another member when they end', async () => {
      const first = await connect('a');
      subscribe(first, '$share/g/t');
      first.leave();
      publish('t', 'one');
      await forget();
      publish('t', 'two');
      const second = await connect('b');
      subscribe(second, '$share/g/t');
      await open('a', true);
      expect(await second.port.first(2)).toEqual(['one', 'two']);
    });

    it('receive nothing once they have ended', async () => {
      const first = await connect('a', false, 0);
      subscribe(first, 't');
      first.leave();
      publish('t', 'one');
      expect(first.port.seen).toEqual([]);
      expect(sessions.rooms.sessions.size).toBe(0);
    });

    it('publish a will when they end', async () => {
      const witness = await connect('witness');
      subscribe(witness, 'will');
      const { rooms } = sessions;
      const { session, port } = await connect('a', false, 0);
      rooms.sessions.release(session, port, { topic: 'will', payload: Buffer.from('bye'), qos: 1, retain: false });
      expect(await witness.port.first(1)).toEqual(['bye']);
    });

    it('drop and count messages that do not fit, whether the queue is in memory or not', async () => {
      const first = await connect('a');
      subscribe(first, 't');
      first.leave();
      // The bound of these tests is four.
      publish('t', 'one', 'two');
      await forget();
      publish('t', 'three', 'four', 'five');
      expect(sessions.rooms.counters.droppedQueueFull).toBe(1);
      const { port } = await connect('a');
      expect(await port.first(2)).toEqual(['one', 'two']);
    });
  });
}
