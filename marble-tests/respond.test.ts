import { NEVER, of } from 'rxjs';
import {
  respond,
  type ClientOptions,
  type MqttError,
  type MqttMessage,
  type PublishPacket,
  type RespondOptions,
} from 'rxmqtt';
import { connack, disconnect, mqttTest, puback, publish, suback, type MqttTest } from 'rxmqtt/testing';

const LASTING: ClientOptions = {
  clientId: 'service',
  clean: false,
  sessionExpiry: 3600,
  keepalive: 0,
  reconnect: { minDelay: 100, jitter: 'none', factor: 1 },
};

/** The service of the README: it cannot know what strangers ask of it. */
const add = (request: MqttMessage): string => String(request.json<number[]>().reduce((sum, one) => sum + one));

const asked = (payload: string, responseTopic: string, id = 7, dup = false): PublishPacket =>
  publish('calc/add', payload, {
    id,
    dup,
    properties: { responseTopic, correlationData: Uint8Array.of(id) },
  });

/** A service at a broker of the test, and what it reports. Each way takes 1 ms. */
function serving(
  options: RespondOptions,
  test: (t: MqttTest, faults: MqttError[], told: string[]) => void,
  handler: Parameters<typeof respond>[2] = add,
): void {
  mqttTest(
    (t) => {
      t.answer('subscribe', ({ packetId }) => suback(packetId, 1));
      t.answer('publish', ({ packetId }) => puback(packetId));
      const client = t.connect(LASTING);
      const faults: MqttError[] = [];
      const told: string[] = [];
      client.faults$.subscribe((fault) => faults.push(fault));
      respond(client, 'calc/add', handler, options).subscribe({
        next: (request) => told.push(request.text()),
        error: (error: Error) => told.push(`! ${error.message}`),
        complete: () => told.push('done'),
      });
      test(t, faults, told);
    },
    { broker: false },
  );
}

describe('respond() to strangers', () => {
  it('goes on after a request that it cannot read, acknowledges it, and tells faults$ without the payload', () => {
    serving({}, (t, faults, told) => {
      t.script('A--xy', { A: connack(), x: asked('not json', 'back', 7), y: asked('[1,2]', 'back', 8) });
      t.expectSent().toBe('C-S--X(YZ)', {
        C: /^CONNECT/,
        S: /^SUBSCRIBE/,
        X: 'PUBACK #7',
        Y: 'PUBACK #8',
        Z: 'PUBLISH #2 back "3" q1',
      });
      t.to(20);
      expect(told).toEqual(['not json', '[1,2]']);
      expect(faults.map(({ name, code, message }) => [name, code, message])).toEqual([
        [
          'MqttError',
          'INVALID_JSON',
          'respond: a request to "calc/add" was not answered: the payload of "calc/add" is not JSON; read it with text(), or see the cause',
        ],
      ]);
      expect(faults[0]?.cause).toMatchObject({ code: 'INVALID_JSON', cause: expect.any(SyntaxError) });
    });
  });

  it.each([
    ['belongs to the broker', '$SYS/uptime', {}, 'is not allowed (allowResponseTopic)'],
    [
      'is not allowed',
      'door/open',
      { allowResponseTopic: (topic: string) => topic.startsWith('replies/') },
      'is not allowed (allowResponseTopic)',
    ],
  ])('publishes to no response topic that %s, and asks no handler', (_title, topic, options, problem) => {
    const handled: string[] = [];
    serving(
      options,
      (t, faults) => {
        t.script('A--xy', { A: connack(), x: asked('[1]', topic, 7), y: asked('[2]', 'replies/1', 8) });
        t.expectSent().toBe('C-S--X(YZ)', {
          C: /^CONNECT/,
          S: /^SUBSCRIBE/,
          X: 'PUBACK #7',
          Y: 'PUBACK #8',
          Z: 'PUBLISH #2 replies/1 "[2]" q1',
        });
        t.to(20);
        expect(handled).toEqual(['[2]']);
        expect(faults.map(({ code, message }) => [code, message])).toEqual([
          [
            'INVALID_TOPIC',
            `respond: a request to "calc/add" was not answered: the response topic ${JSON.stringify(topic)} ${problem}`,
          ],
        ]);
      },
      (request) => {
        handled.push(request.text());
        return request.text();
      },
    );
  });

  it('never sees a request with an empty response topic: that is a protocol error', () => {
    serving({}, (t, faults) => {
      const request = '32 13 0008 63616c632f616464 0007 03 080000 5b315d';
      t.answer('connect', (_connect, peer) => {
        t.at(4, () => peer.sendHex(request));
        return connack();
      });
      t.expectSent().toBe('C-S--D 10ms', { C: /^CONNECT/, S: /^SUBSCRIBE/, D: 'DISCONNECT 0x82' });
      t.to(20);
      expect(faults).toEqual([]);
    });
  });

  it('publishes to a topic that begins with $ where that is allowed', () => {
    serving({ allowResponseTopic: () => true }, (t) => {
      t.script('A--x', { A: connack(), x: asked('[1]', '$aws/rules/answers', 7) });
      t.expectSent().toBe('C-S--(XY)', {
        C: /^CONNECT/,
        S: /^SUBSCRIBE/,
        X: 'PUBACK #7',
        Y: 'PUBLISH #2 $aws/rules/answers "1" q1',
      });
    });
  });

  it('tells onError instead, which ends it by throwing', () => {
    const told: string[] = [];
    const onError = (error: unknown, request: MqttMessage): void => {
      told.push(request.text());
      throw error;
    };
    serving({ onError }, (t, faults, seen) => {
      t.script('A--x', { A: connack(), x: asked('[1', 'back', 7) });
      t.expectSent().toBe('C-S--(XU)', { C: /^CONNECT/, S: /^SUBSCRIBE/, X: 'PUBACK #7', U: /^UNSUBSCRIBE/ });
      t.to(20);
      expect(told).toEqual(['[1']);
      expect(faults).toEqual([]);
      expect(seen).toEqual([expect.stringMatching(/^! .*JSON/)]);
    });
  });

  it('reports a reply that the broker refuses, and goes on', () => {
    serving({}, (t, faults, told) => {
      t.answer('publish', ({ topic, packetId }) => puback(packetId, topic === 'secret' ? 0x87 : 0));
      t.script('A--xy', { A: connack(), x: asked('[1]', 'secret', 7), y: asked('[2]', 'back', 8) });
      t.to(20);
      expect(told).toEqual(['[1]', '[2]']);
      expect(faults.map(({ code, message }) => [code, message])).toEqual([
        [
          'PUBLISH_REFUSED',
          'respond: a request to "calc/add" was not answered: publish to "secret" was refused by the broker: NOT_AUTHORIZED',
        ],
      ]);
    });
  });

  /** A broker that ends the connection over a topic, and sends again what was not acknowledged. */
  function punishing(t: MqttTest, requests: readonly PublishPacket[], perConnection: string[]): void {
    const open = new Map(requests.map((request) => [request.packetId, request]));
    let connections = 0;
    t.answer('puback', ({ packetId }) => {
      open.delete(packetId);
      return undefined;
    });
    t.answer('publish', ({ topic, packetId }) => {
      perConnection.push(`${connections} ${topic}`);
      return topic === 'forbidden' ? disconnect(0x87) : puback(packetId);
    });
    t.answer('connect', (_connect, peer) => {
      const again = connections++ > 0;
      const redelivered = [...open.values()].map((packet) =>
        asked(packet.text(), packet.properties?.responseTopic ?? '', packet.packetId, again),
      );
      t.at(t.now + 10, () => {
        if (peer.isOpen && redelivered.length > 0) peer.send(...redelivered);
      });
      return connack({ sessionPresent: again });
    });
  }
  // The broker of these tests does not end the client for what it punishes.
  const asBefore: ClientOptions = { ...LASTING, isFatal: () => false };

  it('loses three connections at most over a response topic that the broker punishes', () => {
    mqttTest(
      (t) => {
        const seen: string[] = [];
        t.answer('subscribe', ({ packetId }) => suback(packetId, 1));
        punishing(t, [asked('[1]', 'forbidden', 7), asked('[2]', 'back', 8)], seen);
        const client = t.connect(asBefore);
        const faults: string[] = [];
        client.faults$.subscribe(({ message }) => faults.push(message));
        respond(client, 'calc/add', add).subscribe();
        t.to('10s');
        expect(seen.filter((line) => line.endsWith('forbidden'))).toEqual([
          '1 forbidden',
          '2 forbidden',
          '3 forbidden',
        ]);
        expect(seen).toContain('4 back');
        expect(client.state.status).toBe('connected');
        expect(faults).toEqual([
          'respond: a request to "calc/add" was not answered: publish to "forbidden" was given up: each connection that ' +
            'carried it ended before its acknowledgement; look at the topic and the permissions',
        ]);
      },
      { broker: false },
    );
  });

  it('does so also where its acknowledgement waits behind a request that takes long', () => {
    mqttTest(
      (t) => {
        const seen: string[] = [];
        t.answer('subscribe', ({ packetId }) => suback(packetId, 1));
        punishing(t, [asked('"slow"', 'back', 7), asked('[1]', 'forbidden', 8)], seen);
        const client = t.connect(asBefore);
        const faults: string[] = [];
        client.faults$.subscribe(({ message }) => faults.push(message));
        respond(client, 'calc/add', (request) => (request.text() === '"slow"' ? NEVER : of(add(request)))).subscribe();
        t.to('60s');
        expect(seen).toEqual(['1 forbidden', '2 forbidden', '3 forbidden']);
        expect(client.state.status).toBe('connected');
        expect(faults).toHaveLength(1);
      },
      { broker: false },
    );
  });
});
