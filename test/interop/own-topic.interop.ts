import { connect as dial, type Socket } from 'node:net';
import { connect as dialTls } from 'node:tls';
import { MqttClient } from 'mqtt';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { makeCertificates } from '../support/certificates.js';
import { startMosquitto, type Mosquitto } from './mosquitto.js';

/** Half of the shortest delayed acknowledgement of Linux, in ms: a round trip over loopback is far from it. */
const STALLED = 20;

let mosquitto: Mosquitto;
let broker: Broker;
let urls: readonly string[];
beforeAll(async () => {
  mosquitto = await startMosquitto();
  const { cert, key } = makeCertificates().server;
  broker = createBroker({
    listeners: ['tcp://127.0.0.1:0', 'mqtts://127.0.0.1:0'],
    tls: { cert, key },
    sysInterval: 0,
  });
  urls = await broker.listening;
});
afterAll(async () => {
  await broker.close();
  await mosquitto.stop();
});

function open(url: string, noDelay: boolean): Socket {
  const { hostname: host, port, protocol } = new URL(url);
  const at = { host, port: Number(port) };
  const socket = protocol === 'mqtts:' ? dialTls({ ...at, rejectUnauthorized: false }) : dial(at);
  return socket.setNoDelay(noDelay);
}

/**
 * MQTT.js publishes to a topic that it subscribes to, one message after the other. The median in ms from one to the
 * next. Without `noDelay` it is as MQTT.js is by itself.
 */
async function timeOf(url: string, qos: 1 | 2, waitsFor: 'message' | 'answer', noDelay = false): Promise<number> {
  const client = new MqttClient(() => open(url, noDelay), { reconnectPeriod: 0 });
  await new Promise<void>((resolve, reject) => client.once('connect', () => resolve()).once('error', reject));
  await client.subscribeAsync('own', { qos });
  const times: number[] = [];
  const all: Promise<unknown>[] = [];
  for (let count = 0; count < 51; count++) {
    const began = performance.now();
    const message = new Promise<void>((resolve) => client.once('message', () => resolve()));
    const acknowledged = client.publishAsync('own', 'x', { qos });
    all.push(message, acknowledged);
    await (waitsFor === 'message' ? message : acknowledged);
    times.push(performance.now() - began);
  }
  await Promise.all(all);
  await client.endAsync(true);
  return times.sort((a, b) => a - b)[25] as number;
}

describe.each(['tcp', 'tls'] as const)('MQTT.js that publishes to a topic of its own over %s', (transport) => {
  it.each([
    [1, 'message'],
    [1, 'answer'],
    [2, 'message'],
    [2, 'answer'],
  ] as const)(
    'waits for no delayed acknowledgement of TCP at QoS %i, as with Mosquitto (each waits for the %s)',
    async (qos, waitsFor) => {
      const ours = transport === 'tcp' ? urls[0] : urls[1];
      const beside = await timeOf(mosquitto.url(transport), qos, waitsFor);
      const here = await timeOf(ours ?? '', qos, waitsFor);
      const undelayed = await timeOf(ours ?? '', qos, waitsFor, true);
      expect(here).toBeLessThan(beside + STALLED);
      // Nagle's algorithm costs no more than a round trip of its own.
      expect(here).toBeLessThan(3 * undelayed + 2);
    },
  );
});
