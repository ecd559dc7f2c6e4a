import { filter, firstValueFrom } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { connect, type MqttClient } from '../../src/index.js';
import { untilActive } from '../support/delivery-suite.js';
import { startMosquitto, type Mosquitto } from './mosquitto.js';

/** A Mosquitto whose bridge leads to the embedded broker, both ways. */
describe.each([
  ['mqttv311', 4],
  ['mqttv31', 3],
  ['mqttv50', 5],
] as const)('a bridge of Mosquitto with %s', (name, protocolVersion) => {
  let broker: Broker;
  let mosquitto: Mosquitto;
  let client: MqttClient;
  const connections: unknown[] = [];
  const refused: unknown[] = [];
  const states: string[] = [];

  beforeAll(async () => {
    broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], sysInterval: 0 });
    broker.connected$.subscribe((one) => connections.push([one.clientId, one.protocolVersion]));
    broker.refused$.subscribe((event) => refused.push(event));
    broker.published$.subscribe(({ message: { topic, payload } }) => {
      if (topic === '$SYS/broker/connection/bridge/state') states.push(new TextDecoder().decode(payload));
    });
    const [address = ''] = await broker.listening;
    const bridged = firstValueFrom(broker.subscribed$);
    mosquitto = await startMosquitto([
      'connection to-rxmqtt',
      `address ${address.replace('tcp://', '')}`,
      `bridge_protocol_version ${name}`,
      'remote_clientid bridge',
      'topic # both 1',
    ]);
    await bridged;
    client = connect(mosquitto.url('tcp'));
  });
  afterAll(async () => {
    await client.end({ force: true });
    await mosquitto.stop();
    await broker.close();
  });

  it('is not refused at its first attempt', () => {
    expect(refused).toEqual([]);
    expect(broker.counters).toMatchObject({ connections: 1, refused: 0, protocolErrors: 0 });
    expect(connections).toEqual([['bridge', protocolVersion]]);
  });

  it('tells that it is connected, as it does to a Mosquitto', () => {
    expect(states).toEqual(['1']);
  });

  it('carries messages both ways, and each of them once', async () => {
    const here: string[] = [];
    broker.published$.subscribe(({ clientId, message }) => here.push(`${clientId ?? 'broker'} ${message.topic}`));
    const there: string[] = [];
    const last = new Promise<void>((resolve) => {
      client.subscribe('#', { qos: 1 }).subscribe(({ topic }) => {
        there.push(topic);
        if (topic === 'last') resolve();
      });
    });
    await untilActive(client, '#');
    const arrived = firstValueFrom(broker.published$.pipe(filter(({ message }) => message.topic === 'there')));
    await firstValueFrom(client.publish('there', 'x', { qos: 1 }));
    await arrived;
    // What came back from either side would be ahead of the last one.
    for (const topic of ['here', 'last']) broker.publish({ topic, payload: 'x', qos: 1 });
    await last;
    expect(there).toEqual(['there', 'here', 'last']);
    expect(here).toEqual(['bridge there', 'broker here', 'broker last']);
  });
});
