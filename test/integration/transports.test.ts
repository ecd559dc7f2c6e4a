import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { describeDelivery } from '../support/delivery-suite.js';

const TRANSPORTS = ['tcp', 'tls', 'ws', 'wss', 'unix'] as const;

let folder: string;
let certificates: Certificates;
let broker: Broker;
let addresses: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rxmqtt-transports-'));
  certificates = makeCertificates();
  broker = createBroker({
    listeners: [
      'tcp://127.0.0.1:0',
      'tls://127.0.0.1:0',
      'ws://127.0.0.1:0/mqtt',
      'wss://127.0.0.1:0/mqtt',
      `unix:${join(folder, 'mqtt.sock')}`,
    ],
    tls: { cert: certificates.server.cert, key: certificates.server.key },
  });
  addresses = await broker.listening;
}, 30_000);

afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the embedded broker', () => {
  describeDelivery(TRANSPORTS, [3, 4, 5], (transport) => ({
    url: addresses[TRANSPORTS.indexOf(transport as 'tcp')] ?? '',
    tls: transport === 'tls' || transport === 'wss' ? { ca: certificates.ca.cert } : undefined,
  }));
});
