import { map, type Observable } from 'rxjs';
import { mqttTest, puback, suback, type MqttTest } from 'rxmqtt/testing';

/** The broker is scripted: what it does not answer here, it does not answer. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });
const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const late = expect.objectContaining({ name: 'TimeoutError', code: 'TIMEOUT' });

describe('ackTimeout', () => {
  it('fails the publish that the broker does not acknowledge in time, counted from when it was sent', () => {
    draw((t) => {
      const client = t.connect({ ackTimeout: 1000 });
      t.answer('publish', ({ topic, packetId }, peer) => {
        if (topic === 'c') t.at(899, () => peer.send(puback(packetId)));
        return undefined;
      });
      const ok = map(() => 'ok');
      t.expectObservable(client.publish('a', '', { qos: 1 }), '            100ms ^').toBe('1100ms #', {}, late);
      t.expectObservable(client.publish('b', '', { qos: 2 }), '            600ms ^').toBe('1600ms #', {}, late);
      t.expectObservable(client.publish('c', '', { qos: 1 }).pipe(ok), '   600ms ^').toBe(' 900ms (o|)', { o: 'ok' });
      t.expectSent().toBe('C 99ms a 499ms (bc) 900ms', {
        C: 'CONNECT v5 clean',
        a: 'PUBLISH #1 a "" q1',
        b: 'PUBLISH #2 b "" q2',
        c: 'PUBLISH #3 c "" q1',
      });
    });
  });

  it('keeps the packet identifier until the broker answers', () => {
    draw((t) => {
      const client = t.connect({ ackTimeout: 1000 });
      t.answer('publish', ({ packetId }, peer) => {
        t.at(2000, () => peer.send(puback(packetId)));
        return undefined;
      });
      fire(client.publish('a', '', { qos: 1 }));
      t.to(2000);
      expect(client.stats().inFlight.messages).toBe(1);
      t.to(2001);
      expect(client.stats()).toMatchObject({ inFlight: { messages: 0 }, strayAcknowledgements: 0 });
    });
  });

  it('fails subscribe and unsubscribe alike', () => {
    draw((t) => {
      const client = t.connect({ ackTimeout: 1000 });
      t.answer('subscribe', (packet) =>
        packet.subscriptions.some(({ filter }) => filter === 'b') ? suback(packet.packetId, 0) : undefined,
      );
      const properties = { userProperties: [['k', 'v']] as const };
      t.expectObservable(client.subscribe('a'), '                  5ms ^').toBe('1005ms #', {}, late);
      t.expectObservable(client.subscribe('b', { properties }), '  5ms ^').toBe('1500ms -');
      t.expectObservable(client.unsubscribe('c'), '                5ms ^').toBe('1005ms #', {}, late);
    });
  });
});
