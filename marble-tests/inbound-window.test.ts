import type { MqttMessage } from '../src/index.js';
import { connackWith, inVirtualTime, puback, publish } from './support.js';

const window = { properties: { receiveMaximum: 2 } } as const;

describe('messages that are acknowledged by hand', () => {
  it.each([
    ['QoS 1 on 3.1.1, which has no window of its own', 4, 1],
    ['QoS 0 on 3.1.1', 4, 0],
    ['QoS 0 on MQTT 5', 5, 0],
  ] as const)('stop the reading at the bound, and start it again below: %s', (_case, protocolVersion, qos) => {
    inVirtualTime({ ...window, protocolVersion }, (world) => {
      world.to(0);
      const held: MqttMessage[] = [];
      world.client.subscribe('a', { qos, ack: 'manual' }).subscribe((message) => held.push(message));
      world.to(1);
      for (let n = 1; n <= 4; n++) world.line.send(publish('a', String(n), qos === 0 ? {} : { id: n }));
      expect(held.map((message) => message.text())).toEqual(['1', '2']);
      held[0]?.ack();
      expect(held.map((message) => message.text())).toEqual(['1', '2', '3']);
      held[2]?.ack();
      held[1]?.ack();
      expect(held.map((message) => message.text())).toEqual(['1', '2', '3', '4']);
    });
  });

  it.each([
    ['QoS 1 on 3.1.1', 4, 1],
    ['QoS 0 on 3.1.1', 4, 0],
    ['QoS 0 on MQTT 5', 5, 0],
  ] as const)('stop the reading no longer once their observer has left: %s', (_case, protocolVersion, qos) => {
    inVirtualTime({ ...window, protocolVersion }, (world) => {
      world.to(0);
      const received: string[] = [];
      world.client.subscribe('b', { qos: 0 }).subscribe((message) => received.push(message.text()));
      const holder = world.client.subscribe('a', { qos, ack: 'manual' }).subscribe();
      world.to(1);
      for (let n = 1; n <= 2; n++) world.line.send(publish('a', '', qos === 0 ? {} : { id: n }));
      world.line.send(publish('b', 'behind'));
      expect(received).toEqual([]);
      holder.unsubscribe();
      expect(received).toEqual(['behind']);
    });
  });

  it('fill the window of MQTT 5 until the next connection when their observers left: `faults$` tells once', () => {
    inVirtualTime({ ...window, clean: false, sessionExpiry: 60 }, (world) => {
      world.to(0);
      const faults: string[] = [];
      world.client.faults$.subscribe(({ code }) => faults.push(code));
      const held: MqttMessage[] = [];
      const holder = world.client.subscribe('a', { qos: 1, ack: 'manual' }).subscribe((message) => held.push(message));
      world.to(1);
      for (let n = 1; n <= 2; n++) world.line.send(publish('a', '', { id: n }));
      expect(faults).toEqual([]);
      holder.unsubscribe();
      expect(faults).toEqual(['WINDOW_FULL']);
      held[0]?.ack();
      world.line.send(publish('a', '', { id: 3 }));
      expect(faults).toEqual(['WINDOW_FULL']);
    });
  });

  it('are no reason to take the line for dead while nothing is read', () => {
    inVirtualTime({ ...window, protocolVersion: 4, keepalive: 10 }, (world) => {
      world.to(0);
      world.client.subscribe('a', { qos: 1, ack: 'manual' }).subscribe();
      world.to(1);
      for (let n = 1; n <= 2; n++) world.line.send(publish('a', '', { id: n }));
      world.to(100_000);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it("[v5 MQTT-3.3.4-9] are the broker's to count on MQTT 5: one more is answered with 0x93", () => {
    inVirtualTime({ ...window, reconnect: false }, (world) => {
      world.to(0);
      world.client.subscribe('a', { qos: 1, ack: 'manual' }).subscribe({ error: () => undefined });
      world.to(1);
      for (let n = 1; n <= 3; n++) world.line.send(publish('a', '', { id: n }));
      expect(world.wire.some((packet) => packet.includes('DISCONNECT'))).toBe(true);
      expect(world.client.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x93 } });
    });
  });

  it('are told to the broker once, and borne with when it does the same on the next connection', () => {
    const persistent = { clean: false, sessionExpiry: 60, reconnect: { jitter: 'none' } } as const;
    inVirtualTime({ ...window, ...persistent, answers: { connect: () => connackWith({}, true) } }, (world) => {
      world.to(0);
      const held: MqttMessage[] = [];
      world.client.subscribe('a', { qos: 2, ack: 'manual' }).subscribe((message) => held.push(message));
      const resume = (): void => {
        for (const id of [1, 2, 3]) world.line.send(publish('a', String(id), { id, qos: id === 2 ? 2 : 1, dup: true }));
      };
      resume();
      expect(world.take().filter((packet) => packet.includes('DISCONNECT'))).toEqual(['0 DISCONNECT 0x93']);
      world.to(1000);
      world.take();
      resume();
      for (const message of held) message.ack();
      expect(world.wire).toEqual(['1000 PUBACK #1', '1000 PUBREC #2', '1000 PUBACK #3']);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('do not hold up the acknowledgements of what was published meanwhile, on MQTT 5', () => {
    inVirtualTime(window, (world) => {
      world.to(0);
      world.client.subscribe('a', { qos: 1, ack: 'manual' }).subscribe();
      world.to(1);
      for (let n = 1; n <= 2; n++) world.line.send(publish('a', '', { id: n }));
      const published = world.watch(world.client.publish('b', '', { qos: 1 }), () => 'ok');
      world.line.send(puback(2));
      expect(published.log).toEqual(['1 ok', '1 done']);
    });
  });
});
