import { Subject, type Subscription } from 'rxjs';
import type { AckPacket } from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { AckQueue } from '../../src/session/ack-queue.js';
import { receive } from '../../src/session/receive.js';

interface Receiving {
  readonly packets: Subject<PublishPacket | (AckPacket & { cmd: 'pubrel' })>;
  readonly openIds: Set<number>;
  readonly sent: string[];
  readonly reading: Subscription;
}

/** Receives; `next` is called for each message, with what was sent until then. */
function receiving(next: (message: PublishPacket, receiving: Receiving) => void): Receiving {
  const packets = new Subject<PublishPacket | (AckPacket & { cmd: 'pubrel' })>();
  const openIds = new Set<number>();
  const sent: string[] = [];
  const port = { acknowledge: (cmd: string, id: number) => void sent.push(`${cmd} ${id}`) };
  const acks = new AckQueue(port, { openIds });
  const all = { packets, openIds, sent } as { -readonly [K in keyof Receiving]: Receiving[K] };
  all.reading = packets
    .pipe(receive({ openIds, acks, port, receiveMaximum: 65535, topicAliasMaximum: 0 }))
    .subscribe((message) => next(message, all));
  return all;
}

const incoming = (qos: 0 | 1 | 2, id: number): PublishPacket =>
  new PublishPacket('t', new Uint8Array(0), qos, false, false, id, undefined);

describe('receive', () => {
  it.each([1, 2] as const)('answers QoS %i only after the observers have returned', (qos) => {
    const before: string[][] = [];
    const { packets, sent } = receiving((_message, all) => before.push([...all.sent]));
    packets.next(incoming(qos, 1));
    expect(before).toEqual([[]]);
    expect(sent).toEqual([qos === 1 ? 'puback 1' : 'pubrec 1']);
  });

  it('answers nothing when an observer ends the connection, and does not deliver a QoS 2 message again', () => {
    for (const qos of [1, 2] as const) {
      const { packets, sent, openIds } = receiving((_message, { reading }) => reading.unsubscribe());
      packets.next(incoming(qos, 1));
      packets.next(incoming(qos, 2));
      expect(sent).toEqual([]);
      expect([...openIds]).toEqual(qos === 2 ? [1] : []);
    }
  });
});
