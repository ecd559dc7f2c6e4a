import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { throwError } from 'rxjs';
import { connect, type ClientOptions, type ConnectionState } from 'rxmqtt';
import { connack, CUT, mqttTest, suback, type MqttTest } from 'rxmqtt/testing';

const PAGE = readFileSync(join(__dirname, '../docs/migrating.md'), 'utf8');

/** The options that the n-th block of defaults in a section of docs/migrating.md shows. */
function defaultsOf(heading: string, nth = 0): ClientOptions {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```ts defaults\nconnect\(url, (.*?)\);\n```$/gms)];
  return { ...(runInNewContext(`(${blocks[nth]?.[1] ?? ''})`) as ClientOptions) };
}

/** Draws what becomes of a client that nothing listens for: `c` for an attempt, `r` for the wait behind it. */
function draw(options: ClientOptions, diagram: string): void {
  const transport = () => throwError(() => new Error('nothing listens'));
  mqttTest((t) => {
    const client = t.connect({ ...options, transport });
    t.expectState(client).toBe(diagram, { c: /^connecting/, r: /^reconnecting/, e: /^ended/ });
  });
}

/** A client of a broker that accepts and then does what the test says. */
function connected(test: (t: MqttTest) => void): void {
  mqttTest(
    (t) => {
      t.answer('subscribe', ({ packetId, subscriptions }) => suback(packetId, ...subscriptions.map(({ qos }) => qos)));
      test(t);
    },
    { broker: false },
  );
}

describe.each([
  ['MQTT.js', 'MQTT.js'],
  ['async-mqtt', 'MQTT.js'],
])('[%s] the defaults', (_library, heading) => {
  const options = defaultsOf(heading);

  it('reconnectPeriod: a second between attempts, for ever', () => {
    draw(options, '(cr) 996ms (cr) 996ms (cr) 996ms (cr) 996ms (cr)');
  });

  it('speaks 3.1.1, and goes on after every refusal', () => {
    connected((t) => {
      t.answer('connect', () => connack({ reasonCode: 4 }));
      const client = t.connect(options);
      t.expectSent(client).toBe('C 1001ms C 1001ms C', { C: 'CONNECT v4 clean' });
    });
  });

  it('keepalive: 60 s', () => {
    connected((t) => {
      t.expectSent(t.connect(options)).toBe('C 58999ms P 30s', { C: 'CONNECT v4 clean', P: 'PINGREQ' });
    });
  });
});

describe('[ngx-mqtt] the defaults', () => {
  const options = defaultsOf('ngx-mqtt');

  it('reconnectPeriod: ten seconds between attempts', () => {
    draw(options, '(cr) 9996ms (cr) 9996ms (cr)');
  });

  it('connectTimeout: ten seconds', () => {
    connected((t) => {
      t.answer('connect', () => undefined);
      const client = t.connect(options);
      t.expectState(client).toBe('c 9999ms r 9999ms c', { c: /^connecting/, r: 'reconnecting 2 in 10000' });
    });
  });
});

describe('[Paho] the defaults in JavaScript', () => {
  const options = defaultsOf('Paho');

  it('reconnect: false gives up at the first failure', () => {
    draw(options, '(ce) 10s');
  });

  it('timeout: 30 s', () => {
    connected((t) => {
      t.answer('connect', () => undefined);
      t.expectState(t.connect(options)).toBe('c 29999ms e', { c: /^connecting/, e: /^ended/ });
    });
  });

  it('queues nothing: what is published without a connection errors', () => {
    connected((t) => {
      const client = t.connect(options);
      const codes: string[] = [];
      client.publish('a', '', { qos: 1 }).subscribe({ error: ({ code }: { code: string }) => codes.push(code) });
      expect(codes).toEqual(['CONNECTION_LOST']);
    });
  });
});

describe('[Paho] the defaults in Python', () => {
  const options = defaultsOf('Paho', 1);

  it('reconnect_delay_set(1, 120): 1, 2, 4 and so on up to 120 s', () => {
    draw(
      options,
      '(cr) 996ms (cr) 1996ms (cr) 3996ms (cr) 7996ms (cr) 15996ms (cr) 31996ms (cr) 63996ms (cr) 119996ms (cr) 119996ms (cr)',
    );
  });

  it('max_inflight_messages_set(20): the others wait', () => {
    connected((t) => {
      const client = t.connect(options);
      t.at(10, () => {
        for (let n = 0; n < 30; n++) client.publish('a', '', { qos: 1 }).subscribe({ error: () => undefined });
      });
      t.to(1000);
      t.expectWire(client).toContain('10 > PUBLISH #20 a "" q1');
      expect(client.stats()).toMatchObject({ inFlight: { messages: 20 }, outbox: { messages: 10 } });
    });
  });
});

describe('[awscrt] the defaults', () => {
  const options = defaultsOf('AWS CRT');

  it('reconnect_min_timeout_secs, reconnect_max_timeout_secs: 5 to 60 s, doubling', () => {
    draw(options, '(cr) 4996ms (cr) 9996ms (cr) 19996ms (cr) 39996ms (cr) 59996ms (cr) 59996ms (cr)');
  });

  it('keep_alive_secs, ping_timeout_ms: a ping before 1200 s of silence, and 3 s for its answer', () => {
    connected((t) => {
      t.answer('pingreq', () => undefined);
      const client = t.connect(options);
      t.expectSent(client).toBe('C 1198999ms P', { C: 'CONNECT v4 clean', P: 'PINGREQ' });
      t.expectState(client).toBe('c-C 1201997ms r', {
        c: /^connecting/,
        C: 'connected',
        r: 'reconnecting 1 in 5000',
      });
    });
  });
});

describe('[AWSIoTPythonSDK] the defaults', () => {
  const options = defaultsOf('AWS IoT Device SDK for Python');

  it('configureAutoReconnectBackoffTime(1, 32, 20): 1 to 32 s, doubling', () => {
    draw(options, '(cr) 996ms (cr) 1996ms (cr) 3996ms (cr) 7996ms (cr) 15996ms (cr) 31996ms (cr) 31996ms (cr)');
  });

  it('configureAutoReconnectBackoffTime(1, 32, 20): a connection of 20 s begins anew', () => {
    connected((t) => {
      const client = t.connect(options);
      for (const lasting of ['18s', '19s', '20s']) t.script(`A ${lasting} x`, { A: connack(), x: CUT });
      const delays: (number | undefined)[] = [];
      client.state$.subscribe((state: ConnectionState) => {
        if (state.status === 'reconnecting') delays.push(state.delay);
      });
      t.to('80s');
      expect(delays).toEqual([1000, 2000, 1000]);
    });
  });

  it('configureDrainingFrequency(2): what has waited leaves at 2 Hz', () => {
    connected((t) => {
      const client = t.connect(options);
      for (const topic of ['a', 'b', 'c']) client.publish(topic, '').subscribe();
      t.expectSent(client).toBe('C-a 499ms b 499ms c', {
        C: 'CONNECT v4 clean',
        a: 'PUBLISH a "" q0',
        b: 'PUBLISH b "" q0',
        c: 'PUBLISH c "" q0',
      });
    });
  });

  it('configureMQTTOperationTimeout(5), connect(600)', () => {
    connected((t) => {
      const client = t.connect(options);
      const published$ = client.publish('a', '', { qos: 1 });
      t.expectObservable(published$, '10ms ^').toBe('5010ms #', {}, { code: 'TIMEOUT' });
      t.expectSent(client).toBe('C 9ms p 598991ms P', { C: 'CONNECT v4 clean', p: /^PUBLISH/, P: 'PINGREQ' });
    });
  });
});

describe('[amqtt] the defaults', () => {
  const options = defaultsOf('amqtt');

  it('reconnect_retries, reconnect_max_interval: after 1, 2 and 4 s it gives up', () => {
    draw(options, '(cr) 996ms (cr) 1996ms (cr) 3996ms (ce)');
  });

  it('keep_alive, ping_delay: a ping after nine seconds', () => {
    connected((t) => {
      t.expectSent(t.connect(options)).toBe('C 8999ms P', { C: 'CONNECT v4 clean', P: 'PINGREQ' });
    });
  });
});

describe('[mqttproto] the defaults', () => {
  const options = defaultsOf('mqttproto');

  it('ten attempts in a row, at most 5 s apart', () => {
    draw(
      options,
      '(cr) 96ms (cr) 196ms (cr) 396ms (cr) 796ms (cr) 1596ms (cr) 3196ms (cr) 4996ms (cr) 4996ms (cr) 4996ms (ce)',
    );
  });

  it('keep_alive: none', () => {
    connected((t) => {
      t.expectSent(t.connect(options)).toBe('C 10000s', { C: 'CONNECT v5 clean' });
    });
  });

  it('subscribe(): QoS 2, and the retain flag as it was published', () => {
    connected((t) => {
      const client = t.connect(options);
      client.subscribe('a', { qos: 2, retainAsPublished: true }).subscribe();
      t.expectSent(client).toBe('C-S', { C: 'CONNECT v5 clean', S: 'SUBSCRIBE #1 a:2p id=1' });
    });
  });

  it('publish(): QoS is lowered to what the broker takes', () => {
    connected((t) => {
      t.answer('connect', () => connack({ properties: { maximumQoS: 1 } }));
      const client = t.connect(options);
      client.publish('a', '', { qos: 2 }).subscribe({ error: () => undefined });
      t.expectSent(client).toBe('C-P', { C: 'CONNECT v5 clean', P: 'PUBLISH #1 a "" q1' });
    });
  });
});

describe('[DL-7450] the defaults', () => {
  const options = defaultsOf('DL-7450');

  it('1, 2, 4, 8, 16, 32, 60, 60 s between attempts', () => {
    draw(
      options,
      '(cr) 996ms (cr) 1996ms (cr) 3996ms (cr) 7996ms (cr) 15996ms (cr) 31996ms (cr) 59996ms (cr) 59996ms (cr)',
    );
  });

  it('a success begins anew', () => {
    connected((t) => {
      t.script('A-x', { A: connack(), x: CUT });
      t.script('A-x', { A: connack(), x: CUT });
      const client = t.connect(options);
      const delays: (number | undefined)[] = [];
      client.state$.subscribe((state: ConnectionState) => {
        if (state.status === 'reconnecting') delays.push(state.delay);
      });
      t.to('30s');
      expect(delays).toEqual([1000, 1000]);
    });
  });

  it('a session that is kept, and no keep-alive', () => {
    connected((t) => {
      t.expectSent(t.connect(options)).toBe('C 10000s', { C: 'CONNECT v4' });
    });
  });

  it('a refusal of the credentials is permanent', () => {
    connected((t) => {
      t.answer('connect', () => connack({ reasonCode: 5 }));
      t.expectState(t.connect(options)).toBe('c-e 100s', { c: /^connecting/, e: /^ended/ });
    });
  });
});

it('every block of defaults on the page is options that connect() takes', () => {
  const headings = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
  const blocks = PAGE.match(/^```ts defaults$/gm) ?? [];
  let seen = 0;
  for (const heading of headings) {
    for (let nth = 0; ; nth++) {
      const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
      if (nth >= (section.match(/^```ts defaults$/gm) ?? []).length) break;
      void connect('mqtt://nowhere', { ...defaultsOf(heading, nth), lazy: true }).end();
      seen++;
    }
  }
  expect(seen).toBe(blocks.length);
  expect(seen).toBe(9);
});
