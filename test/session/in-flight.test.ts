import { InFlight } from '../../src/session/in-flight.js';
import { OutgoingPublish } from '../../src/session/outgoing-publish.js';

const message = (qos: 1 | 2 = 1): OutgoingPublish =>
  new OutgoingPublish('a', new Uint8Array(0), qos, false, undefined, undefined);

/** Sends a message, and takes the identifier back with its acknowledgement. */
function exchange(inFlight: InFlight): number {
  const sent = message();
  inFlight.begin(sent);
  inFlight.finish(sent);
  return sent.packetId;
}

describe('the packet identifier of a message that was given up', () => {
  it.each([1, 2] as const)('[v5 MQTT-2.2.1-3] stays taken at QoS %i, once around all of them', (qos) => {
    const inFlight = new InFlight();
    const poison = message(qos);
    inFlight.begin(poison);
    inFlight.retire(poison);
    expect(inFlight.size).toBe(0);
    expect(inFlight.windowUsed).toBe(0);
    const used = new Set(Array.from({ length: 65_536 }, () => exchange(inFlight)));
    expect(used.has(poison.packetId)).toBe(false);
    expect(used.size).toBe(65_534);
  });

  it('is free again when the session has ended', () => {
    const inFlight = new InFlight();
    const poison = message();
    inFlight.begin(poison);
    inFlight.retire(poison);
    inFlight.drain();
    const used = new Set(Array.from({ length: 65_535 }, () => exchange(inFlight)));
    expect(used.has(poison.packetId)).toBe(true);
  });
});
