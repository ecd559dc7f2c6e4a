import type { ClientOptions } from 'rxmqtt';
import { CLOSE, connack, CUT, mqttTest, type Move, type MqttTest } from 'rxmqtt/testing';

/** The broker is scripted: it answers CONNECT and PINGREQ, and what a test adds. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

const flat = { reconnect: { minDelay: 10, factor: 1 } } as const;

/** The protocol versions of the attempts, in order; `answer` says what the broker does with each. */
function versionsOf(
  options: ClientOptions,
  answer: (version: number, attempt: number) => Move | string,
  then: (t: MqttTest) => void = () => undefined,
): number[] {
  const versions: number[] = [];
  draw((t) => {
    t.answer('connect', ({ protocolVersion }, peer) => {
      versions.push(protocolVersion);
      const said = answer(protocolVersion, versions.length);
      if (typeof said !== 'string') return said;
      peer.sendHex(said);
      return undefined;
    });
    t.connect({ ...flat, ...options });
    then(t);
    t.to(200);
  });
  return versions;
}

describe("protocolVersion 'auto' at a broker that hangs up on MQTT 5", () => {
  it.each([
    ['closes', CLOSE],
    ['breaks the line', CUT],
  ] as const)('speaks 3.1.1 at the next attempt when it %s', (_, move) => {
    expect(versionsOf({}, (version) => (version === 5 ? move : connack()))).toEqual([5, 4]);
  });

  it('takes turns until one version is answered', () => {
    expect(versionsOf({}, (_, attempt) => (attempt < 6 ? CLOSE : connack()))).toEqual([5, 4, 5, 4, 5, 4]);
  });

  it('stays with the version that was answered, though with a refusal that passes', () => {
    const answers: Move[] = [CLOSE, connack({ reasonCode: 3 }), connack({ reasonCode: 3 }), connack()];
    expect(versionsOf({}, (_, attempt) => answers[attempt - 1] ?? connack())).toEqual([5, 4, 4, 4]);
  });

  it('tries MQTT 5 again with the next connection, so that one flap pins nothing', () => {
    const flap = (_: number, attempt: number) => (attempt === 1 ? CLOSE : connack());
    expect(versionsOf({}, flap, (t) => t.at(100, () => t.broker.line('client-1').cut()))).toEqual([5, 4, 5]);
  });

  it('knows 3.1.1 again when MQTT 5 still gets no answer', () => {
    const old = (version: number) => (version === 5 ? CLOSE : connack());
    expect(versionsOf({}, old, (t) => t.at(100, () => t.broker.line('client-1').cut()))).toEqual([5, 4, 5, 4]);
  });

  it('keeps to MQTT 5 where that has worked', () => {
    const later = (_: number, attempt: number) => (attempt === 1 || attempt > 4 ? connack() : CLOSE);
    expect(versionsOf({}, later, (t) => t.at(100, () => t.broker.line('client-1').cut()))).toEqual([5, 5, 5, 5, 5]);
  });

  it('keeps what it learned apart for each server', () => {
    draw((t) => {
      const seen: string[] = [];
      t.answer('connect', ({ protocolVersion }) => (protocolVersion === 5 ? CLOSE : connack()));
      const client = t.connect({
        ...flat,
        servers: ['mqtt://a', 'mqtt://b'],
        transport: (target) => {
          seen.push(target.url);
          return t.broker.transport(target);
        },
      });
      t.to(200);
      expect(seen).toEqual(['mqtt://a', 'mqtt://b', 'mqtt://a']);
      expect(client.state).toMatchObject({ status: 'connected', url: 'mqtt://a:1883' });
    });
  });

  it('is told on the log', () => {
    const said: string[] = [];
    versionsOf({ log: { warn: (text) => said.push(text) } }, (version) => (version === 5 ? CLOSE : connack()));
    expect(said.filter((text) => text.includes('3.1.1'))).toHaveLength(1);
  });

  it.each<[string, ClientOptions]>([
    ['auth, which 3.1.1 has not', { auth: { method: 'PIN', start: () => 'pin' } }],
    ['protocolVersion: 5', { protocolVersion: 5 }],
  ])('never falls back with %s', (_, options) => {
    expect(new Set(versionsOf(options, () => CLOSE))).toEqual(new Set([5]));
  });

  it('does not fall back when nothing listens there', () => {
    const down = (t: MqttTest) => t.broker.line('client-1').refuse(undefined, 3);
    expect(versionsOf({}, () => connack(), down)).toEqual([5]);
  });
});

describe("protocolVersion 'auto' at a broker that answers as only 3.1.1 does", () => {
  it.each(['20 02 00 00', '20 02 01 00'])('speaks 3.1.1 at the next attempt after %s', (hex) => {
    expect(versionsOf({}, (version) => (version === 5 ? hex : connack()))).toEqual([5, 4]);
  });

  it.each(['20 02 00 01', '20 02 00 02', '20 02 00 03', '20 02 00 04', '20 02 00 05'])(
    'speaks 3.1.1 at once after %s',
    (hex) => {
      expect(versionsOf({}, (version) => (version === 5 ? hex : connack()))).toEqual([5, 4]);
    },
  );
});
