import { createBroker, type Broker } from '../../src/broker/index.js';
import { connectContract } from './contract/connect.contract.js';
import { malformedContract } from './contract/malformed.contract.js';
import { publishContract } from './contract/publish.contract.js';
import { sessionContract } from './contract/session.contract.js';
import { subscribeContract } from './contract/subscribe.contract.js';

describe('the embedded broker keeps the contract', () => {
  let broker: Broker;
  let url = '';

  beforeAll(async () => {
    broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
    [url = ''] = await broker.listening;
  });
  afterAll(() => broker.close());

  describe.each([
    ['CONNECT and CONNACK', connectContract],
    ['PUBLISH', publishContract],
    ['SUBSCRIBE', subscribeContract],
    ['sessions', sessionContract],
    ['malformed packets', malformedContract],
  ])('%s', (_name, contract) => contract(() => ({ url }), 'strict'));
});
