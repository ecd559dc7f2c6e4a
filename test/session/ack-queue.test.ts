import fc from 'fast-check';
import { AckQueue } from '../../src/session/ack-queue.js';
import type { Holder } from '../../src/session/pending-ack.js';
import { UnansweredMessages } from '../../src/session/unanswered-messages.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';

function queue(): { acks: AckQueue; sent: string[]; openIds: Set<number> } {
  const sent: string[] = [];
  const openIds = new Set<number>();
  const acks = new AckQueue({ acknowledge: (cmd, id, code) => sent.push(`${cmd} ${id} ${code}`) }, { openIds });
  return { acks, sent, openIds };
}

const incoming = (qos: 1 | 2, id: number): PublishPacket =>
  new PublishPacket('t', new Uint8Array(0), qos, false, false, id, undefined);

/** An observer, and what it was asked to call when it leaves. */
function observer(): Holder & { closed: boolean; readonly teardowns: Set<() => void> } {
  const teardowns = new Set<() => void>();
  return { closed: false, teardowns, add: (left) => teardowns.add(left), remove: (left) => teardowns.delete(left) };
}

function leave(holder: ReturnType<typeof observer>): void {
  holder.closed = true;
  for (const left of holder.teardowns) left();
}

/** Delivers a message as `receive` does. */
function deliver(acks: AckQueue, message: PublishPacket, next: (message: PublishPacket) => void): void {
  if (!acks.begin(message)) return;
  next(message);
  acks.end(message);
}

describe('AckQueue', () => {
  it('answers an unheld message at once', () => {
    const { acks, sent, openIds } = queue();
    deliver(acks, incoming(1, 1), () => undefined);
    deliver(acks, incoming(2, 2), () => undefined);
    expect(sent).toEqual(['puback 1 0', 'pubrec 2 0']);
    expect([...openIds]).toEqual([2]);
  });

  it('[v5 MQTT-4.3.3-9] leaves the identifier of a refused QoS 2 message free', () => {
    const { acks, sent, openIds } = queue();
    deliver(acks, incoming(2, 2), () => acks.answerWith(0x97));
    expect(sent).toEqual(['pubrec 2 151']);
    expect(openIds.size).toBe(0);
  });

  it('[v5 MQTT-4.6.0-2] answers in the order of arrival, whatever order the holders finish in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ qos: fc.constantFrom<1 | 2>(1, 2), holders: fc.nat(3) }), { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (messages, choices) => {
          const { acks, sent } = queue();
          const held: PublishPacket[] = [];
          messages.forEach(({ qos, holders }, i) =>
            deliver(acks, incoming(qos, i + 1), (message) => {
              for (let n = 0; n < holders; n++) held.push(acks.hold(message));
            }),
          );
          while (held.length > 0) {
            const choice = (choices.next().value as number) % held.length;
            held.splice(choice, 1)[0]?.ack();
          }
          expect(sent).toEqual(messages.map(({ qos }, i) => `${qos === 1 ? 'puback' : 'pubrec'} ${i + 1} 0`));
          expect(acks.size).toBe(0);
        },
      ),
    );
  });

  it.each(['before', 'after'])('waits no longer once the others have left, %s the last one acknowledges', (order) => {
    const { acks, sent } = queue();
    const [stays, leaves] = [observer(), observer()];
    let held: PublishPacket | undefined;
    deliver(acks, incoming(1, 1), (message) => {
      held = acks.hold(message, stays);
      acks.hold(message, leaves);
    });
    deliver(acks, incoming(1, 2), () => undefined);
    if (order === 'before') leave(leaves);
    held?.ack();
    if (order === 'after') leave(leaves);
    expect(sent).toEqual(['puback 2 0']);
    expect(acks.size).toBe(0);
  });

  it('is not kept by its holders once its connection is gone', () => {
    const { acks } = queue();
    const holder = observer();
    deliver(acks, incoming(1, 1), (message) => acks.hold(message, holder));
    expect(holder.teardowns.size).toBe(1);
    acks.close();
    expect(holder.teardowns.size).toBe(0);
  });

  it('sends nothing once its connection is gone', () => {
    const { acks, sent, openIds } = queue();
    let held: PublishPacket | undefined;
    deliver(acks, incoming(2, 1), (message) => (held = acks.hold(message)));
    acks.close();
    held?.ack();
    expect(sent).toEqual([]);
    expect(openIds.size).toBe(0);
  });

  describe('when something happens between begin and end', () => {
    it('answers a message that its holder acknowledges during delivery, in its turn', () => {
      const { acks, sent } = queue();
      let first: PublishPacket | undefined;
      deliver(acks, incoming(1, 1), (message) => (first = acks.hold(message)));
      deliver(acks, incoming(1, 2), (message) => acks.hold(message).ack());
      expect(sent).toEqual([]);
      deliver(acks, incoming(1, 3), () => first?.ack());
      expect(sent).toEqual(['puback 1 0', 'puback 2 0', 'puback 3 0']);
    });

    it('does not wait for a holder that leaves during delivery, but accepts its late acknowledgement', () => {
      const { acks, sent } = queue();
      const holder = observer();
      let held: PublishPacket | undefined;
      deliver(acks, incoming(1, 1), (message) => {
        held = acks.hold(message, holder);
        holder.closed = true;
      });
      deliver(acks, incoming(1, 2), () => undefined);
      expect(sent).toEqual(['puback 2 0']);
      expect(acks.isPending(1)).toBe(false);
      held?.ack();
      expect(sent).toEqual(['puback 2 0', 'puback 1 0']);
    });

    it('writes nothing when the connection ends during delivery; a QoS 2 message counts as received, a QoS 1 message does not', () => {
      for (const qos of [1, 2] as const) {
        const { acks, sent, openIds } = queue();
        deliver(acks, incoming(qos, 1), () => acks.close());
        expect(sent).toEqual([]);
        expect([...openIds]).toEqual(qos === 2 ? [1] : []);
      }
    });

    it('delivers a QoS 2 message again if it was refused while the connection ended', () => {
      const { acks, openIds } = queue();
      deliver(acks, incoming(2, 1), () => {
        acks.answerWith(0x97);
        acks.close();
      });
      expect(openIds.size).toBe(0);
    });

    it('answers a held QoS 2 message on the next connection if the first one ends during delivery', () => {
      const unanswered = new UnansweredMessages();
      const openIds = new Set<number>();
      const sent: string[] = [];
      const port = { acknowledge: (cmd: string, id: number) => void sent.push(`${cmd} ${id}`) };
      const first = new AckQueue(port, { openIds, unanswered });
      let held: PublishPacket | undefined;
      deliver(first, incoming(2, 1), (message) => {
        held = first.hold(message);
        first.close();
      });
      const second = new AckQueue(port, { openIds, unanswered });
      const again = new PublishPacket('t', new Uint8Array(0), 2, false, true, 1, undefined);
      expect(second.begin(again)).toBe(false);
      expect(sent).toEqual([]);
      held?.ack();
      expect(sent).toEqual(['pubrec 1']);
    });
  });

  describe('[v5 MQTT-4.3.3-10] a QoS 2 message resent on the next connection', () => {
    const port = (sent: string[]) => ({
      acknowledge: (cmd: string, id: number, code: number) => void sent.push(`${cmd} ${id} ${code}`),
    });
    const again = new PublishPacket('t', new Uint8Array(0), 2, false, true, 1, undefined);

    it('skips the observers that saw it, after its holders have left', () => {
      const openIds = new Set<number>();
      const unanswered = new UnansweredMessages();
      const sent: string[] = [];
      const [holder, beside, late] = [observer(), { closed: false }, { closed: false }];
      const first = new AckQueue(port(sent), { openIds, unanswered });
      deliver(first, incoming(2, 1), (message) => {
        first.markDelivered(message, beside);
        first.hold(message, holder);
      });
      first.close();
      holder.closed = true;
      const second = new AckQueue(port(sent), { openIds, unanswered });
      let seen: boolean[] = [];
      deliver(
        second,
        again,
        (message) => (seen = [holder, beside, late].map((each) => second.wasDelivered(message, each))),
      );
      expect(seen).toEqual([true, true, false]);
      expect(sent).toEqual(['pubrec 1 0']);
    });

    it('skips them as well if its holders left on the previous connection', () => {
      const openIds = new Set<number>();
      const unanswered = new UnansweredMessages();
      const sent: string[] = [];
      const [holder, beside] = [observer(), { closed: false }];
      const first = new AckQueue(port(sent), { openIds, unanswered });
      deliver(first, incoming(2, 1), (message) => {
        first.markDelivered(message, beside);
        first.hold(message, holder);
      });
      holder.closed = true;
      first.release();
      expect(first.size).toBe(0);
      first.close();
      const second = new AckQueue(port(sent), { openIds, unanswered });
      let seen = false;
      deliver(second, again, (message) => (seen = second.wasDelivered(message, beside)));
      expect(seen).toBe(true);
    });

    it('is answered without a second delivery if it was acknowledged after the connection was lost', () => {
      const openIds = new Set<number>();
      const unanswered = new UnansweredMessages();
      const sent: string[] = [];
      const first = new AckQueue(port(sent), { openIds, unanswered });
      let held: PublishPacket | undefined;
      deliver(first, incoming(2, 1), (message) => (held = first.hold(message)));
      first.close();
      held?.ack();
      const second = new AckQueue(port(sent), { openIds, unanswered });
      let deliveries = 0;
      deliver(second, again, () => deliveries++);
      expect(deliveries).toBe(0);
      expect(sent).toEqual(['pubrec 1 0']);
    });
  });
});
