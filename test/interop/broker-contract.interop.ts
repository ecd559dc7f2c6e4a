import { connectContract } from '../broker/contract/connect.contract.js';
import { malformedContract } from '../broker/contract/malformed.contract.js';
import { publishContract } from '../broker/contract/publish.contract.js';
import { sessionContract } from '../broker/contract/session.contract.js';
import { subscribeContract } from '../broker/contract/subscribe.contract.js';
import { startMosquitto, type Mosquitto } from './mosquitto.js';

describe('Mosquitto keeps the contract of the embedded broker', () => {
  let mosquitto: Mosquitto;

  beforeAll(async () => {
    mosquitto = await startMosquitto();
  });
  afterAll(() => mosquitto.stop());

  describe.each([
    ['CONNECT and CONNACK', connectContract],
    ['PUBLISH', publishContract],
    ['SUBSCRIBE', subscribeContract],
    ['sessions', sessionContract],
    ['malformed packets', malformedContract],
  ])('%s', (_name, contract) => contract(() => ({ url: mosquitto.url('tcp').replace('mqtt:', 'tcp:') }), 'lenient'));
});
