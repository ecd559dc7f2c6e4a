import { ProtocolError } from '../../src/errors.js';
import { PacketDecoder } from '../../src/packet/decoder.js';
import { ServerDecoder } from '../../src/packet/server-decoder.js';
import type { AckPacket, Packet } from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { decoded, decoderFor, encoded, frame, hex, toHex, thrownBy } from './support.js';

const message = (topic: string, payload: Uint8Array = new Uint8Array(0)): PublishPacket =>
  new PublishPacket(topic, payload, 0, false, false, 0, undefined);
const topicsOf = (packets: readonly Packet[]): string[] =>
  packets.map((packet) => (packet instanceof PublishPacket ? packet.topic : packet.cmd));
const three = Buffer.concat(['a', 'b', 'c'].map((topic) => encoded(message(topic), 5)));

describe('a decoder', () => {
  it('emits the packets of a chunk in order, before decode returns', () => {
    expect(topicsOf(decoded([three]))).toEqual(['a', 'b', 'c']);
  });

  it('emits a PublishPacket whose payload is a plain view of the chunk, not a copy', () => {
    const chunk = Buffer.concat([Buffer.from('xx'), encoded(message('t', hex('01 02 03')), 5)]).subarray(2);
    const [packet] = decoded([chunk]) as PublishPacket[];
    expect(packet).toBeInstanceOf(PublishPacket);
    expect(packet!.payload.constructor).toBe(Uint8Array);
    expect(packet!.payload.buffer).toBe(chunk.buffer);
    expect(toHex(packet!.payload)).toBe('010203');
  });

  it('emits plain byte arrays in will, password and binary properties, too', () => {
    const connect: Packet = {
      cmd: 'connect',
      protocolVersion: 5,
      clientId: 'c',
      clean: true,
      keepalive: 0,
      password: hex('01'),
      will: { topic: 'w', payload: hex('02'), qos: 0, retain: false, properties: { correlationData: hex('03') } },
      properties: { authenticationMethod: 'm', authenticationData: hex('04') },
    };
    const [packet] = decoded([encoded(connect, 5)], { receiver: 'server' });
    if (packet?.cmd !== 'connect') throw new Error('no CONNECT');
    const { password, will, properties } = packet;
    for (const bytes of [password, will?.payload, will?.properties?.correlationData, properties?.authenticationData]) {
      expect(bytes?.constructor).toBe(Uint8Array);
    }
  });

  it('emits nothing after stop(), neither the rest of the chunk nor later chunks', () => {
    const decoder = decoderFor();
    const topics: string[] = [];
    const emit = (packet: Packet): void => {
      topics.push(...topicsOf([packet]));
      if (topics.length === 2) decoder.stop();
    };
    decoder.decode(three, emit);
    decoder.decode(three, emit);
    expect(topics).toEqual(['a', 'b']);
  });

  it('emits the packets before a malformed one, then throws, then emits nothing', () => {
    const decoder = decoderFor();
    const topics: string[] = [];
    const emit = (packet: Packet): unknown => topics.push(...topicsOf([packet]));
    expect(() => decoder.decode(Buffer.concat([three, hex('3600'), three]), emit)).toThrow(ProtocolError);
    decoder.decode(three, emit);
    expect(topics).toEqual(['a', 'b', 'c']);
  });

  it('emits nothing after its callback has thrown', () => {
    const decoder = decoderFor();
    const failing = (): void => {
      throw new RangeError('of the caller');
    };
    expect(() => decoder.decode(three, failing)).toThrow(RangeError);
    const emit = jest.fn();
    decoder.decode(three, emit);
    expect(emit).not.toHaveBeenCalled();
  });

  it('keeps the order of the stream when a chunk arrives during an emission', () => {
    const decoder = decoderFor();
    const topics: string[] = [];
    const emit = (packet: Packet): void => {
      topics.push(...topicsOf([packet]));
      if (topics.length === 1) decoder.decode(encoded(message('late'), 5), emit);
    };
    decoder.decode(three, emit);
    expect(topics).toEqual(['a', 'b', 'c', 'late']);
  });
});

describe('a packet in pieces', () => {
  const large = encoded(
    message(
      'big',
      new Uint8Array(700_000).map((_, index) => index),
    ),
    5,
  );

  it.each([1, 2, 3, 5, 8, 1000, 65_536, 699_999])('is reassembled from chunks of %d bytes', (size) => {
    const bytes = size < 1000 ? encoded(message('big', large.subarray(0, 20_000)), 5) : large;
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
    const [packet] = decoded([...chunks, three]) as PublishPacket[];
    expect(toHex(packet!.payload) === toHex((decoded([bytes])[0] as PublishPacket).payload)).toBe(true);
    expect(topicsOf(decoded([...chunks, three]))).toEqual(['big', 'a', 'b', 'c']);
  });

  it('allows empty chunks in between', () => {
    const nothing = new Uint8Array(0);
    const bytes = encoded(message('t', hex('01 02')), 5);
    const chunks = [...bytes].flatMap((byte) => [nothing, Uint8Array.of(byte)]);
    expect(topicsOf(decoded([...chunks, nothing]))).toEqual(['t']);
  });

  it('does not change when the chunks are overwritten after decode returned', () => {
    const bytes = encoded(message('t', hex('01 02 03 04')), 5);
    const first = bytes.slice(0, 6);
    const decoder = decoderFor();
    decoder.decode(first, () => undefined);
    first.fill(0xff);
    const packets: Packet[] = [];
    decoder.decode(bytes.subarray(6), (packet) => packets.push(packet));
    expect(toHex((packets[0] as PublishPacket).payload)).toBe('01020304');
  });

  it('costs time in proportion to its size, even in tiny chunks', () => {
    const decoder = decoderFor();
    const set = jest.spyOn(Uint8Array.prototype, 'set');
    let copied = 0;
    set.mockImplementation(function (this: Uint8Array, source: ArrayLike<number>, at = 0) {
      copied += source.length;
      for (let index = 0; index < source.length; index++) this[at + index] = source[index]!;
    });
    const emit = jest.fn();
    for (let at = 0; at < large.length; at += 100) decoder.decode(large.subarray(at, at + 100), emit);
    set.mockRestore();
    expect(emit).toHaveBeenCalledTimes(1);
    expect(copied).toBeLessThan(3 * large.length);
  });
});

describe('the maximum packet size', () => {
  const sized = (size: number): Uint8Array => frame(0x30, Buffer.concat([hex('0001 74 00'), new Uint8Array(size - 6)]));

  it('counts the whole packet, its fixed header included', () => {
    expect(decoded([sized(100)], { maximumPacketSize: 100 })).toHaveLength(1);
    expect(thrownBy(() => decoded([sized(101)], { maximumPacketSize: 100 }))).toMatchObject({ reasonCode: 0x95 });
  });

  it('is checked against the header, before the body has arrived', () => {
    expect(thrownBy(() => decoded([hex('30 ff ff ff 7f')], { maximumPacketSize: 1000 }))).toMatchObject({
      reasonCode: 0x95,
      message: expect.stringContaining('268435460 bytes'),
    });
  });

  it('refuses a forbidden packet by its header, too', () => {
    expect(thrownBy(() => decoded([hex('82 ff ff 7f')]))).toMatchObject({ reasonCode: 0x82 });
  });
});

describe('a CONNECT', () => {
  const connect = (version: 3 | 4 | 5): Uint8Array =>
    encoded({ cmd: 'connect', protocolVersion: version, clientId: 'c', clean: true, keepalive: 0 }, version);

  it.each([3, 4, 5] as const)('of version %d sets the version of the decoder', (version) => {
    const decoder = new ServerDecoder({ protocolVersion: 4, maximumPacketSize: 1000 });
    const seen: Packet[] = [];
    decoder.decode(connect(version), (packet) => seen.push(packet));
    expect(decoder.protocolVersion).toBe(version);
    expect(seen).toMatchObject([{ cmd: 'connect', protocolVersion: version, clientId: 'c', clean: true }]);
    const subscribe: Packet = { cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 'a', qos: 1 }] };
    decoder.decode(encoded(subscribe, version), (packet) => seen.push(packet));
    expect(seen[1]).toMatchObject(subscribe);
  });

  it('sets it for the packets after it in the same chunk', () => {
    const packets = decoded([Buffer.concat([connect(5), three])], { version: 4, receiver: 'server' });
    expect(topicsOf(packets)).toEqual(['connect', 'a', 'b', 'c']);
  });

  it('of an unknown version emits nothing', () => {
    const emit = jest.fn();
    const decoder = decoderFor({ version: 4, receiver: 'server' });
    const bytes = hex('100c 0004 4d515454 06 02 003c 0000');
    expect(thrownBy(() => decoder.decode(bytes, emit))).toMatchObject({ reasonCode: 0x84 });
    expect(emit).not.toHaveBeenCalled();
  });
});

describe('the topic cache of a decoder', () => {
  it('returns the right text for each of many topics', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `hall/${index % 50}/sensor/${index}/\u00fc`);
    const bytes = Buffer.concat([...names, ...names].map((name) => encoded(message(name), 4)));
    expect(topicsOf(decoded([bytes], { version: 4 }))).toEqual([...names, ...names]);
  });

  it('does not change with the chunk that held the topic, not even for a topic with the same hash', () => {
    const chunk = Uint8Array.from(encoded(message('kept/Aa'), 4));
    const same = encoded(message('kept/BB'), 4);
    expect(topicsOf(decoded([chunk], { version: 4 }))).toEqual(['kept/Aa']);
    chunk.set(same);
    expect(topicsOf(decoded([same], { version: 4 }))).toEqual(['kept/BB']);
  });

  it('refuses an invalid topic every time', () => {
    for (let turn = 0; turn < 3; turn++) {
      expect(() => decoded([hex('3005 0003 612f23')], { version: 4 })).toThrow(ProtocolError);
    }
  });
});

describe('a decoder on hold', () => {
  it('emits no more, and continues where it stopped', () => {
    const decoder = new PacketDecoder({ protocolVersion: 4, maximumPacketSize: 1000 });
    const seen: string[] = [];
    const emit = (packet: Packet): void => {
      seen.push(`${packet.cmd} ${(packet as AckPacket).packetId}`);
      decoder.hold();
    };
    const acks = (...ids: number[]): Uint8Array => Uint8Array.from(ids.flatMap((id) => [0x40, 2, 0, id]));
    const all = acks(1, 2, 3, 4);
    decoder.decode(all.subarray(0, 2), emit);
    decoder.decode(all.subarray(2, 10), emit);
    expect([seen, decoder.isOnHold]).toEqual([['puback 1'], true]);
    decoder.decode(all.subarray(10), emit);
    expect(seen).toEqual(['puback 1']);
    for (let count = 0; count < 3; count++) decoder.proceed(emit);
    expect(seen).toEqual(['puback 1', 'puback 2', 'puback 3', 'puback 4']);
    decoder.proceed(emit);
    expect(decoder.isOnHold).toBe(false);
    decoder.stop();
    expect(decoder.isOnHold).toBe(false);
  });
});
