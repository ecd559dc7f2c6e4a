import * as codec from '../../src/packet/index.js';
import { hex } from './support.js';

const { createDecoder, decode, encode, matches, PublishPacket, ReasonCode } = codec;

describe('rxmqtt/packet', () => {
  it('decodes all packets in the bytes, from client and server', () => {
    expect(decode(hex('4002 0007 d000'))).toMatchObject([{ cmd: 'puback', packetId: 7 }, { cmd: 'pingresp' }]);
    expect(decode(hex('100c 0004 4d515454 04 02 003c 0000 c000'))).toMatchObject([
      { cmd: 'connect', protocolVersion: 4 },
      { cmd: 'pingreq' },
    ]);
    expect(decode(hex('3003 0001 74'), { protocolVersion: 4 })).toMatchObject([{ cmd: 'publish', topic: 't' }]);
  });

  it('refuses malformed bytes, and bytes that end within a packet', () => {
    for (const bytes of ['4002 00', '40', '0000', '3600']) {
      expect(() => decode(hex(bytes))).toThrow(codec.ProtocolError);
    }
    expect(() => decode(hex('4002 0007'), { maximumPacketSize: 3 })).toThrow(codec.ProtocolError);
  });

  it('encodes a packet, large payloads included, and reads it back', () => {
    const payload = new Uint8Array(10_000).fill(7);
    const bytes = encode(new PublishPacket('t', payload, 1, false, false, 5, undefined), 4);
    expect(decode(bytes, { protocolVersion: 4 })).toMatchObject([{ topic: 't', packetId: 5, payload }]);
    expect(encode({ cmd: 'disconnect', reasonCode: ReasonCode.NORMAL_DISCONNECTION })).toEqual(hex('e000'));
  });

  it('decodes a stream as it arrives, and tells how much it holds', () => {
    const decoder = createDecoder();
    const seen: string[] = [];
    for (const byte of hex('4002 0007 d000')) decoder.decode(Uint8Array.of(byte), ({ cmd }) => seen.push(cmd));
    expect(seen).toEqual(['puback', 'pingresp']);
    decoder.decode(hex('4002'), () => undefined);
    expect(decoder.buffered).toBe(2);
  });

  it("exports the standard's tables", () => {
    expect(codec.propertyTable).toHaveLength(27);
    expect(new Set(Object.values(ReasonCode)).size).toBe(43);
    expect(matches('a/+', 'a/b')).toBe(true);
  });
});
