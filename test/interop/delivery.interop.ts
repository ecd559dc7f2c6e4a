import { describeDelivery } from '../support/delivery-suite.js';
import { startMosquitto, type Mosquitto } from './mosquitto.js';

let mosquitto: Mosquitto;
beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterAll(() => mosquitto.stop());

describe('Mosquitto', () => {
  describeDelivery(['tcp', 'tls', 'ws', 'wss'], [4, 5], (transport) => ({
    url: mosquitto.url(transport as 'tcp'),
    tls: transport === 'tls' || transport === 'wss' ? { ca: mosquitto.certificates.ca.cert } : undefined,
  }));

  describe('and its oldest protocol version', () => {
    describeDelivery(['tcp'], [3], () => ({ url: mosquitto.url('tcp') }));
  });
});
