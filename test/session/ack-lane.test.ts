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
});
