import fc from 'fast-check';
import { ProtocolError } from '../../src/errors.js';
import { decoderFor, encoded, frame, packetFrom, VERSIONS } from './support.js';

const sides = ['client', 'server'] as const;
const cases = VERSIONS.flatMap((version) => sides.map((receiver) => ({ version, receiver })));

/** Decodes in two chunks; whatever the bytes, the one thing that may be thrown is a ProtocolError. */
function survives(bytes: Uint8Array, decoding: (typeof cases)[number]): boolean {
  const decoder = decoderFor({ ...decoding, maximumPacketSize: 1 << 20 });
  const cut = bytes.length >> 1;
  try {
    decoder.decode(bytes.subarray(0, cut), () => undefined);
    decoder.decode(bytes.subarray(cut), () => undefined);
  } catch (error) {
    return error instanceof ProtocolError && error.reasonCode >= 0x81;
  }
  return true;
}

describe.each(cases)('garbage for a $receiver of MQTT $version causes at most a protocol error', (decoding) => {
  it('as random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => survives(bytes, decoding)),
      { numRuns: 5000 },
    );
  });

  it('as random bodies after a fitting header', () => {
    const first = fc.oneof(
      fc.constantFrom(0x10, 0x20, 0x30, 0x32, 0x34, 0x3d, 0x40, 0x50, 0x62, 0x70, 0x82, 0x90, 0xa2, 0xb0, 0xe0, 0xf0),
      fc.integer({ min: 0, max: 255 }),
    );
    // Small numbers make plausible lengths and identifiers.
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 0x2a }),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(first, fc.array(byte, { maxLength: 50 }), (type, body) =>
        survives(frame(type, Uint8Array.from(body)), decoding),
      ),
      { numRuns: 8000 },
    );
  });

  it('as valid packets with bytes changed, dropped or added', () => {
    const sender = decoding.receiver === 'client' ? 'server' : 'client';
    const change = fc.record({
      at: fc.nat({ max: 1000 }),
      kind: fc.constantFrom('set', 'flip', 'drop', 'add'),
      value: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(
        packetFrom(sender, decoding.version),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (packet, changes) => {
          const bytes = [...encoded(packet, decoding.version)];
          for (const { at, kind, value } of changes) {
            const place = at % (bytes.length + 1);
            if (kind === 'drop') bytes.splice(place, 1);
            else if (kind === 'add') bytes.splice(place, 0, value);
            else if (place < bytes.length) bytes[place] = kind === 'set' ? value : bytes[place]! ^ (1 << (value & 7));
          }
          return survives(Uint8Array.from(bytes), decoding);
        },
      ),
      { numRuns: 4000 },
    );
  });
});
