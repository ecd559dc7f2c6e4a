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
 * MQTT.js publishes at QoS 1 to a topic that it subscribes to, one message after the other. The median in ms from one to
 * the next. Without `noDelay` it is as MQTT.js is by itself.
 */
async function timeOf(url: string, waitsFor: 'message' | 'puback', noDelay = false): Promise<number> {
  const client = new MqttClient(() => open(url, noDelay), { reconnectPeriod: 0 });
  await new Promise<void>((resolve, reject) => client.once('connect', () => resolve()).once('error', reject));
  await client.subscribeAsync('own', { qos: 1 });
  const times: number[] = [];
  const all: Promise<unknown>[] = [];
  for (let count = 0; count < 51; count++) {
    const began = performance.now();
    const message = new Promise<void>((resolve) => client.once('message', () => resolve()));
    const acknowledged = client.publishAsync('own', 'x', { qos: 1 });
    all.push(message, acknowledged);
    await (waitsFor === 'message' ? message : acknowledged);
    times.push(performance.now() - began);
  }
  await Promise.all(all);
  await client.endAsync(true);
  return times.sort((a, b) => a - b)[25] as number;
}

describe.each(['tcp', 'tls'] as const)('MQTT.js that publishes to a topic of its own over %s', (transport) => {
  it.each(['message', 'puback'] as const)(
    'does not wait for delayed acknowledgements of TCP, as with Mosquitto (each waits for the %s)',
    async (waitsFor) => {
      const ours = transport === 'tcp' ? urls[0] : urls[1];
      const beside = await timeOf(mosquitto.url(transport), waitsFor);
      const here = await timeOf(ours ?? '', waitsFor);
      const undelayed = await timeOf(ours ?? '', waitsFor, true);
      expect(here).toBeLessThan(beside + STALLED);
      // Nagle's algorithm costs no more than a round trip of its own.
      expect(here).toBeLessThan(3 * undelayed + 2);
    },
  );
});
