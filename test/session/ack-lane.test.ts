import fc from 'fast-check';
import { AckLane } from '../../src/session/ack-lane.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';

function lane(): { acks: AckLane; sent: string[]; openIds: Set<number> } {
  const sent: string[] = [];
  const openIds = new Set<number>();
  const acks = new AckLane({ acknowledge: (cmd, id, code) => sent.push(`${cmd} ${id} ${code}`) }, { openIds });
  return { acks, sent, openIds };
}

const incoming = (qos: 1 | 2, id: number): PublishPacket =>
  new PublishPacket('t', new Uint8Array(0), qos, false, false, id, undefined);

describe('AckLane', () => {
  it('answers at once what nobody holds', () => {
    const { acks, sent, openIds } = lane();
    acks.deliver(incoming(1, 1), () => undefined);
    acks.deliver(incoming(2, 2), () => undefined);
    expect(sent).toEqual(['puback 1 0', 'pubrec 2 0']);
    expect([...openIds]).toEqual([2]);
  });

  it('[v5 MQTT-4.3.3-9] leaves the identifier of a refused QoS 2 message free', () => {
    const { acks, sent, openIds } = lane();
    acks.deliver(incoming(2, 2), () => acks.answerWith(0x97));
    expect(sent).toEqual(['pubrec 2 151']);
    expect(openIds.size).toBe(0);
  });

  it('[v5 MQTT-4.6.0-2] answers in the order of arrival, whatever order the holders finish in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ qos: fc.constantFrom<1 | 2>(1, 2), holders: fc.nat(3) }), { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (messages, choices) => {
          const { acks, sent } = lane();
          const held: PublishPacket[] = [];
          messages.forEach(({ qos, holders }, i) =>
            acks.deliver(incoming(qos, i + 1), (message) => {
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

  it('says nothing any more once its connection is gone', () => {
    const { acks, sent, openIds } = lane();
    let held: PublishPacket | undefined;
    acks.deliver(incoming(2, 1), (message) => (held = acks.hold(message)));
    acks.close();
    held?.ack();
    expect(sent).toEqual([]);
    expect(openIds.size).toBe(0);
  });

  describe('[v5 MQTT-4.3.3-10] a QoS 2 message that comes again on the next connection', () => {
    const port = (sent: string[]) => ({
      acknowledge: (cmd: string, id: number, code: number) => void sent.push(`${cmd} ${id} ${code}`),
    });
    const again = new PublishPacket('t', new Uint8Array(0), 2, false, true, 1, undefined);

    it('is not for those who have seen it, when those who held it have left', () => {
      const openIds = new Set<number>();
      const unanswered = new Map();
      const sent: string[] = [];
      const [holder, beside, late] = [{ closed: false }, { closed: false }, { closed: false }];
      const first = new AckLane(port(sent), { openIds, unanswered });
      first.deliver(incoming(2, 1), (message) => {
        first.shown(message, beside);
        first.hold(message, holder);
      });
      first.close();
      holder.closed = true;
      const second = new AckLane(port(sent), { openIds, unanswered });
      let seen: boolean[] = [];
      second.deliver(again, (message) => (seen = [holder, beside, late].map((each) => second.hasSeen(message, each))));
      expect(seen).toEqual([true, true, false]);
      expect(sent).toEqual(['pubrec 1 0']);
    });

    it('is not for them either when it was let go on the connection before', () => {
      const openIds = new Set<number>();
      const unanswered = new Map();
      const sent: string[] = [];
      const [holder, beside] = [{ closed: false }, { closed: false }];
      const first = new AckLane(port(sent), { openIds, unanswered });
      first.deliver(incoming(2, 1), (message) => {
        first.shown(message, beside);
        first.hold(message, holder);
      });
      holder.closed = true;
      first.release();
      expect(first.size).toBe(0);
      first.close();
      const second = new AckLane(port(sent), { openIds, unanswered });
      let seen = false;
      second.deliver(again, (message) => (seen = second.hasSeen(message, beside)));
      expect(seen).toBe(true);
    });

    it('is answered without being shown once it was acknowledged after the connection had gone', () => {
      const openIds = new Set<number>();
      const unanswered = new Map();
      const sent: string[] = [];
      const first = new AckLane(port(sent), { openIds, unanswered });
      let held: PublishPacket | undefined;
      first.deliver(incoming(2, 1), (message) => (held = first.hold(message)));
      first.close();
      held?.ack();
      const second = new AckLane(port(sent), { openIds, unanswered });
      let deliveries = 0;
      second.deliver(again, () => deliveries++);
      expect(deliveries).toBe(0);
      expect(sent).toEqual(['pubrec 1 0']);
    });
  });
});
