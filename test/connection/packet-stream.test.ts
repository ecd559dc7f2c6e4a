import { EMPTY, Subject, takeUntil } from 'rxjs';
import { PacketStream } from '../../src/connection/packet-stream.js';
import { PacketTap } from '../../src/connection/packet-tap.js';
import { ConnectError, type MqttError } from '../../src/errors.js';
import { PacketDecoder } from '../../src/packet/decoder.js';
import { encodeAny } from '../../src/packet/encode-any.js';
import type { Packet } from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';
import { concatChunks } from '../../src/bytes.js';
import type { Connection } from '../../src/transport/transport.js';

/** A line that says when it is paused, and keeps to it. */
class Line {
  readonly log: string[] = [];
  private readonly bytes = new Subject<Uint8Array>();
  private readonly waiting: Uint8Array[] = [];
  private paused = false;
  readonly connection: Connection = {
    incoming$: this.bytes.asObservable(),
    out: new WriteBuffer(64),
    commit: () => undefined,
    congested: false,
    drained$: EMPTY,
    end: () => undefined,
    pause: () => {
      this.paused = true;
      this.log.push('pause');
    },
    resume: () => {
      this.paused = false;
      this.log.push('resume');
      for (const chunk of this.waiting.splice(0)) this.bytes.next(chunk);
    },
    lastSent: 0,
    lastReceived: 0,
    peer: {},
  };
  readonly tap = new PacketTap();
  readonly stream = new PacketStream(
    this.connection,
    new PacketDecoder({ protocolVersion: 5, maximumPacketSize: 1e6 }),
    this.tap,
  );

  /** Delivers one chunk. */
  chunk(...parts: readonly (Packet | Uint8Array)[]): void {
    const chunk = concatChunks(parts.map((part) => (part instanceof Uint8Array ? part : bytesOf(part))));
    if (this.paused) this.waiting.push(chunk);
    else this.bytes.next(chunk);
  }

  fail(error: MqttError): void {
    this.bytes.error(error);
  }

  close(): void {
    this.bytes.complete();
  }

  /** Reads under a name; `then` is called within `next`, with what stops the reading. */
  read(name: string, then: (leave: () => void) => void = () => undefined): () => void {
    const left = new Subject<void>();
    const leave = (): void => left.next();
    let stays = true;
    left.subscribe(() => (stays = false));
    this.stream
      .packets(() => new ConnectError(`closed on ${name}`))
      .pipe(takeUntil(left))
      .subscribe({
        next: (packet) => {
          this.log.push(`${name}: ${shown(packet)}`);
          then(leave);
        },
        error: (error: MqttError) => this.log.push(`${name} errors: ${error.message}`),
        complete: () => stays && this.log.push(`${name} completes`),
      });
    return leave;
  }
}

function bytesOf(packet: Packet): Uint8Array {
  const out = new WriteBuffer(1024);
  encodeAny(packet, out, 5);
  return concatChunks(out.take());
}

const shown = (packet: Packet): string => (packet.cmd === 'publish' ? packet.topic : packet.cmd);
const connack: Packet = { cmd: 'connack', sessionPresent: false, reasonCode: 0 };
const message = (topic: string): Packet => new PublishPacket(topic, new Uint8Array(1), 0, false, false, 0, undefined);
/** A packet type that does not exist. */
const malformed = Uint8Array.of(0x00, 0x00);

function opened(): Line {
  const line = new Line();
  line.stream.open();
  return line;
}

const once = (leave: () => void): void => leave();

describe('PacketStream', () => {
  it('delivers the packets of a chunk before the chunk returns', () => {
    const line = opened();
    line.read('a');
    line.chunk(connack, message('x'));
    expect(line.log).toEqual(['a: connack', 'a: x']);
  });

  it('has one observer at a time', () => {
    const line = opened();
    line.read('a');
    line.read('b');
    line.chunk(message('x'));
    expect(line.log).toEqual([
      'b errors: reading the packets of a connection failed: it already has an observer; share() that one',
      'a: x',
    ]);
  });

  it('shows and counts each packet once, even while it waits', () => {
    const line = opened();
    const { tap } = line;
    tap.packets.stream$.subscribe(({ direction, packet }) => line.log.push(`${direction} ${shown(packet)}`));
    line.read('a', once);
    line.chunk(connack, message('x'));
    line.read('b');
    expect(line.log).toEqual(['in connack', 'a: connack', 'in x', 'pause', 'resume', 'b: x']);
    expect(tap.traffic.packetsIn).toBe(2);
    expect(tap.traffic.bytesIn).toBe(bytesOf(connack).length + bytesOf(message('x')).length);
  });

  describe('hands over inside a chunk', () => {
    it('within next: the new observer gets the rest at once, and the connection is not paused', () => {
      const line = opened();
      line.read('a', (leave) => {
        leave();
        line.read('b');
      });
      line.chunk(connack, message('x'), message('y'));
      expect(line.log).toEqual(['a: connack', 'b: x', 'b: y']);
    });

    it('later: the rest waits for the new observer, and the connection is paused until then', () => {
      const line = opened();
      line.read('a', once);
      line.chunk(connack, message('x'), message('y'));
      line.chunk(message('z'));
      expect(line.log).toEqual(['a: connack', 'pause']);
      line.read('b');
      expect(line.log.splice(0)).toEqual(['a: connack', 'pause', 'resume', 'b: x', 'b: y', 'b: z']);
      line.chunk(message('on'));
      expect(line.log).toEqual(['b: on']);
    });

    it('while held packets are delivered: each observer gets its packet after the previous one has returned', () => {
      const line = opened();
      line.chunk(message('1'), message('2'), message('3'), message('4'));
      const relay = (name: string, next?: string): void => {
        line.read(name, (leave) => {
          leave();
          if (next !== undefined) relay(next);
          line.log.push(`${name} returns`);
        });
      };
      relay('a', 'b');
      expect(line.log.splice(0)).toEqual(['pause', 'resume', 'a: 1', 'a returns', 'b: 2', 'b returns', 'pause']);
      line.read('c');
      expect(line.log).toEqual(['resume', 'c: 3', 'c: 4']);
    });

    it('respects a pause that the observer requests while it receives held packets', () => {
      const line = opened();
      line.chunk(message('1'), message('2'));
      line.log.length = 0;
      line.read('a', () => line.connection.pause());
      line.chunk(message('3'));
      expect(line.log).toEqual(['resume', 'a: 1', 'pause', 'a: 2', 'pause']);
    });
  });

  it('pauses the connection only when a packet waits', () => {
    const line = opened();
    line.read('a', once);
    line.chunk(connack);
    expect(line.log.splice(0)).toEqual(['a: connack']);
    line.chunk(message('x'));
    expect(line.log).toEqual(['pause']);
  });

  describe('the end', () => {
    const lost = new ConnectError('the line broke');

    it('goes to the current observer', () => {
      const [broken, closed] = [opened(), opened()];
      for (const line of [broken, closed]) line.read('a');
      broken.fail(lost);
      closed.close();
      expect(broken.log).toEqual(['a errors: the line broke']);
      expect(closed.log).toEqual(['a errors: closed on a']);
    });

    it('waits for the next observer, after the held packets', () => {
      const [broken, closed] = [opened(), opened()];
      for (const line of [broken, closed]) {
        line.read('a', once);
        line.chunk(connack, message('x'));
      }
      broken.fail(lost);
      closed.close();
      for (const line of [broken, closed]) line.read('b');
      expect(broken.log).toEqual(['a: connack', 'pause', 'resume', 'b: x', 'b errors: the line broke']);
      expect(closed.log).toEqual(['a: connack', 'pause', 'resume', 'b: x', 'b errors: closed on b']);
    });

    it('goes to a later observer if the next one leaves first', () => {
      const line = opened();
      line.read('a', once);
      line.chunk(connack, message('x'));
      line.close();
      line.read('b', once);
      line.read('c');
      expect(line.log).toEqual(['a: connack', 'pause', 'resume', 'b: x', 'c errors: closed on c']);
    });

    it('reports a malformed byte after CONNACK in the same chunk to the observer it reaches first', () => {
      const [handedOver, left] = [opened(), opened()];
      handedOver.read('a', (leave) => {
        leave();
        handedOver.read('b');
      });
      left.read('a', once);
      for (const line of [handedOver, left]) line.chunk(connack, message('x'), malformed, message('never'));
      expect(handedOver.log).toEqual(['a: connack', 'b: x', expect.stringMatching(/^b errors: .*packet type/i)]);
      expect(left.log).toEqual(['a: connack', 'pause']);
      // What happens to the line later does not change why the stream ended.
      left.fail(lost);
      left.read('b');
      expect(left.log.slice(2)).toEqual(['resume', 'b: x', expect.stringMatching(/^b errors: .*packet type/i)]);
    });
  });

  describe('close()', () => {
    it('within next: the rest of the chunk reaches no observer', () => {
      const line = opened();
      line.read('a', () => line.stream.close());
      line.chunk(connack, message('x'));
      line.chunk(message('y'));
      expect(line.log).toEqual(['a: connack']);
    });

    it('within next: stops the delivery of held packets, too, and does not pause the connection', () => {
      const line = opened();
      line.chunk(message('1'), message('2'));
      line.log.length = 0;
      line.read('a', (leave) => {
        leave();
        line.stream.close();
      });
      line.read('b');
      expect(line.log).toEqual(['resume', 'a: 1']);
    });
  });
});
