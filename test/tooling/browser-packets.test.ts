import fc from 'fast-check';
import { runInContext, createContext } from 'node:vm';
import * as rxjs from 'rxjs';
import { ProtocolError } from '../../src/errors.js';
import type { encode as encodeHere, SentByClient } from '../../src/packet/encode.js';
import type { PacketDecoder } from '../../src/packet/decoder.js';
import type { Packet, ProtocolVersion } from '../../src/packet/packets.js';
import type { WriteBuffer } from '../../src/packet/write-buffer.js';
import { encoded, packetFrom, plain, toHex, verdict, VERSIONS } from '../packet/support.js';
import { bundleForBrowsers } from './browser-bundle.js';

interface PacketLayer {
  readonly encode: typeof encodeHere;
  readonly PacketDecoder: typeof PacketDecoder;
  readonly WriteBuffer: typeof WriteBuffer;
}

/** The packet layer as it stands in the browser bundle: without what servers need, in a page without Buffer. */
const entry = `
export { encode } from './src/packet/encode.js';
export { PacketDecoder } from './src/packet/decoder.js';
export { WriteBuffer } from './src/packet/write-buffer.js';
`;
const { text, inputs } = bundleForBrowsers({ entry, format: 'iife' });
const page = createContext({ TextEncoder, TextDecoder, Uint8Array, ArrayBuffer, DataView, queueMicrotask, rxjs });
const browser = runInContext(`((require) => { ${text}; return bundle; })(() => rxjs)`, page) as PacketLayer;

function encodedByPage(packet: Packet, version: ProtocolVersion): string {
  const out = new browser.WriteBuffer();
  browser.encode(packet as SentByClient, out, version);
  return toHex(Buffer.concat(out.take()));
}

/** The packets in the bytes, or the reason code of the protocol error that they are. */
function verdictOfPage(bytes: Uint8Array, version: ProtocolVersion): number | Packet[] {
  const packets: Packet[] = [];
  const decoder = new browser.PacketDecoder({ protocolVersion: version, maximumPacketSize: 1e9 });
  try {
    decoder.decode(bytes, (packet) => packets.push(packet));
    return packets;
  } catch (error) {
    if (error instanceof ProtocolError) return error.reasonCode;
    throw error;
  }
}

const comparable = (result: number | Packet[]): unknown => (typeof result === 'number' ? result : result.map(plain));

describe('the packet layer in the browser bundle', () => {
  it('holds nothing of what servers read and write, and no package', () => {
    expect(inputs).toContain('src/packet/read-from-server.ts');
    expect(
      inputs.filter((path) => /validate|mqtt-packet|read-from-client|write-from-server|check-server/.test(path)),
    ).toEqual([]);
    expect(inputs.filter((path) => path.startsWith('node_modules/'))).toEqual([]);
  });

  describe.each(VERSIONS)('protocol version %i', (version) => {
    it('writes every packet of a client as in Node, byte for byte', () => {
      fc.assert(
        fc.property(packetFrom('client', version), (packet) => {
          expect(encodedByPage(packet, version)).toBe(toHex(encoded(packet, version)));
        }),
        { numRuns: 1000 },
      );
    });

    it('reads every packet of a server as in Node', () => {
      fc.assert(
        fc.property(packetFrom('server', version), (packet) => {
          const wire = encoded(packet, version);
          expect(comparable(verdictOfPage(wire, version))).toEqual(comparable(verdict(wire, { version })));
          expect(comparable(verdict(wire, { version }))).toEqual([plain(packet)]);
        }),
        { numRuns: 1000 },
      );
    });

    it('refuses damaged packets with the reason code that Node has for them', () => {
      const damaged = fc
        .tuple(packetFrom('server', version), fc.nat({ max: 60 }), fc.nat({ max: 255 }), fc.nat({ max: 80 }))
        .map(([packet, at, byte, keep]) => {
          const wire = Uint8Array.from(encoded(packet, version));
          if (at < wire.length) wire[at] = byte;
          return wire.subarray(0, keep);
        });
      fc.assert(
        fc.property(damaged, (wire) => {
          expect(comparable(verdictOfPage(wire, version))).toEqual(comparable(verdict(wire, { version })));
        }),
        { numRuns: 2000 },
      );
    });
  });
});
