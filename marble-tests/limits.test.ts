import { connackWith, inVirtualTime, puback, publish, shown, table, type World } from './support.js';
import type { ConnackProperties, Payload, PublishOptions } from '../src/index.js';

const limited = (properties: ConnackProperties) => ({ connect: () => connackWith(properties) });

/** What a publish comes to on a connection with these limits, and what was written. */
function publishing(properties: ConnackProperties, topic: string, payload: Payload, options: PublishOptions): string[] {
  const seen: string[] = [];
  inVirtualTime({ answers: limited(properties) }, (world) => {
    const queued = world.watch(world.client.publish(topic, payload, options), () => 'ok').log;
    world.to(0);
    const now = world.watch(world.client.publish(topic, payload, options), () => 'ok').log;
    seen.push(...queued, ...now, ...world.take().slice(1), world.client.state.status);
  });
  return seen;
}

describe('what the broker does not take', () => {
  const refused = ['0 ! PublishError NOT_SUPPORTED', '0 ! PublishError NOT_SUPPORTED', 'connected'];

  it('[v5 MQTT-3.2.2-11] is a QoS above its maximum: a typed error, and no byte', () => {
    expect(publishing({ maximumQoS: 0 }, 'a', 'x', { qos: 1 })).toEqual(refused);
    expect(publishing({ maximumQoS: 1 }, 'a', 'x', { qos: 2 })).toEqual(refused);
  });

  it('[v5 MQTT-3.2.2-14] is a retained message where it keeps none', () => {
    expect(publishing({ retainAvailable: false }, 'a', 'x', { retain: true })).toEqual(refused);
  });

  it('[v5 MQTT-3.2.2-15] is a packet above its maximum size, and a packet of just that size it takes', () => {
    const large = ['0 ! PublishError PACKET_TOO_LARGE', '0 ! PublishError PACKET_TOO_LARGE', 'connected'];
    expect(publishing({ maximumPacketSize: 50 }, 'a', 'x'.repeat(45), {})).toEqual(large);
    expect(publishing({ maximumPacketSize: 50 }, 'a', 'x'.repeat(44), {})).toContain('0 ok');
  });

  it('is a packet that no MQTT packet can be: it costs neither the connection nor the messages behind it', () => {
    inVirtualTime({ answers: limited({}), offline: { maxBytes: Infinity } }, (world) => {
      const { client } = world;
      const huge = world.watch(client.publish('a', new Uint8Array(268_435_455)), () => 'ok').log;
      const next = world.watch(client.publish('a', 'x'), () => 'ok').log;
      world.to(0);
      expect(huge).toEqual(['0 ! PublishError PACKET_TOO_LARGE']);
      expect(next).toEqual(['0 ok', '0 done']);
      expect(client.state.status).toBe('connected');
    });
  });

  it('[v5 MQTT-3.2.2-15] is a SUBSCRIBE or an UNSUBSCRIBE above its maximum size', () => {
    inVirtualTime({ answers: limited({ maximumPacketSize: 50, subscriptionIdentifiersAvailable: false }) }, (world) => {
      world.to(0);
      world.take();
      const long = world.watch(world.client.subscribe('a'.repeat(43))).log;
      const gone = world.watch(world.client.unsubscribe('a'.repeat(44))).log;
      world.by(1);
      expect(long).toEqual(['0 ! SubscribeError PACKET_TOO_LARGE']);
      expect(gone).toEqual(['0 ! SubscribeError PACKET_TOO_LARGE']);
      expect(world.take()).toEqual([]);
      const fits = 'a'.repeat(42);
      world.watch(world.client.subscribe(fits));
      world.by(1);
      expect(world.take()).toEqual([`1 SUBSCRIBE #1 ${fits}:0`]);
    });
  });

  it('[v5 MQTT-3.2.2-15] shares filters out among packets that are small enough', () => {
    inVirtualTime({ answers: limited({ maximumPacketSize: 50, subscriptionIdentifiersAvailable: false }) }, (world) => {
      world.to(0);
      world.take();
      const { subscription } = world.watch(world.client.subscribe(['a', 'b', 'c'].map((name) => name.repeat(20))));
      world.by(1);
      expect(world.take()).toHaveLength(3);
      subscription.unsubscribe();
      world.by(1);
      expect(world.take()).toHaveLength(3);
    });
  });

  it.each([
    ['wildcards', { wildcardSubscriptionAvailable: false }, 'a/#'],
    ['shared subscriptions', { sharedSubscriptionAvailable: false }, '$share/g/a'],
  ])('are %s: the subscription errors alone', (_title, properties, filter) => {
    inVirtualTime({ answers: limited(properties) }, (world) => {
      world.to(0);
      world.take();
      const { log } = world.watch(world.client.subscribe(filter));
      world.watch(world.client.subscribe('plain'));
      world.by(1);
      expect(log).toEqual(['0 ! SubscribeError NOT_SUPPORTED']);
      expect(world.take()).toEqual(['0 SUBSCRIBE #1 plain:0 id=1']);
    });
  });

  it('are subscription identifiers: none is sent', () => {
    inVirtualTime({ answers: limited({ subscriptionIdentifiersAvailable: false }) }, (world) => {
      world.to(0);
      world.take();
      world.watch(world.client.subscribe('a'));
      const own = { properties: { subscriptionIdentifier: 7 } };
      const { log } = world.watch(world.client.subscribe('b', own));
      world.by(1);
      expect(world.take()).toEqual(['0 SUBSCRIBE #1 a:0']);
      expect(log).toEqual(['0 ! SubscribeError NOT_SUPPORTED']);
    });
  });
});

describe('downgradeQos', () => {
  const sent = (maximumQoS: 0 | 1, act: (world: World) => void): string[] => {
    let wire: string[] = [];
    inVirtualTime({ downgradeQos: true, answers: limited({ maximumQoS }) }, (world) => {
      act(world);
      world.to(1);
      wire = world.take().slice(1);
    });
    return wire;
  };

  it('[v5 MQTT-3.2.2-11] sends at the highest QoS that the broker takes', () => {
    expect(
      sent(1, (world) => [1, 2].forEach((qos) => world.watch(world.client.publish('a', 'x', { qos: qos as 1 | 2 })))),
    ).toEqual(
      table(`
        0 PUBLISH #1 a "x" q1
        0 PUBLISH #2 a "x" q1
      `),
    );
  });

  it('[v5 MQTT-3.2.2-11] tells in the receipt what became of it', () => {
    inVirtualTime({ downgradeQos: true, answers: limited({ maximumQoS: 0 }) }, (world) => {
      const { log } = world.watch(world.client.publish('a', 'x', { qos: 2 }), ({ qos }) => `qos ${qos}`);
      world.to(0);
      expect(log).toEqual(['0 qos 0', '0 done']);
      expect(world.take()).toEqual(['0 CONNECT v5 clean', '0 PUBLISH a "x" q0']);
    });
  });
});

describe('validatePayloadFormat', () => {
  const properties = { payloadFormatIndicator: true };
  const bad = (qos: 0 | 1 | 2, id: number) =>
    Object.assign(publish('t', '', { qos, id, properties }), { payload: Uint8Array.of(0xc3, 0x28) });

  it('[v5 row 56] refuses with 0x99 what calls itself UTF-8 and is not, at QoS 1 and 2', () => {
    inVirtualTime({ validatePayloadFormat: true }, (world) => {
      const { log } = world.watch(world.client.messages$, shown);
      world.to(0);
      world.take();
      world.line.send(bad(1, 1), bad(2, 2), publish('t', 'good', { id: 3, properties }));
      expect(world.take()).toEqual(['0 PUBACK #1 0x99', '0 PUBREC #2 0x99', '0 PUBACK #3']);
      expect(log).toEqual(['0 t=good']);
      // The identifier is free again [MQTT-4.3.3-9].
      world.line.send(publish('t', 'new', { qos: 2, id: 2 }));
      expect(log.at(-1)).toBe('0 t=new');
    });
  });

  it('[v5 row 56] delivers it at QoS 0, and everywhere by default', () => {
    inVirtualTime({ validatePayloadFormat: true }, (world) => {
      const { log } = world.watch(world.client.messages$, ({ payload }) => String(payload));
      world.to(0);
      world.line.send(bad(0, 0));
      expect(log).toEqual(['0 195,40']);
    });
    inVirtualTime({}, (world) => {
      world.to(0);
      world.take();
      world.line.send(bad(1, 1), bad(2, 2), puback(9));
      expect(world.take()).toEqual(['0 PUBACK #1', '0 PUBREC #2']);
    });
  });
});

describe('requestProblemInformation: false', () => {
  it('[v5 row 29] takes an explanation in an acknowledgement for a protocol error', () => {
    inVirtualTime({ properties: { requestProblemInformation: false }, reconnect: false }, (world) => {
      world.watch(world.client.publish('a', 'x', { qos: 1 }));
      world.to(0);
      world.take();
      world.line.send(puback(1, 0, { reasonString: 'why' }));
      expect(world.take()).toEqual(['0 DISCONNECT 0x82', '0 closed']);
    });
  });

  it('takes one in PUBLISH', () => {
    inVirtualTime({ properties: { requestProblemInformation: 0 } }, (world) => {
      world.to(0);
      world.line.send(publish('a', 'x', { properties: { userProperties: [['a', 'b']] } }));
      expect(world.client.state.status).toBe('connected');
    });
  });
});
