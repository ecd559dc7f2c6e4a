import { filter, firstValueFrom, Subject } from 'rxjs';
import { heater, type Heater } from '../../../examples/recipes/home-assistant.js';
import { createBroker, type Broker } from '../../../src/broker/index.js';
import { connect, type MqttClient } from '../../../src/index.js';

let broker: Broker;
let homeAssistant: MqttClient;
let device: Heater;
const celsius$ = new Subject<number>();
const heated: boolean[] = [];

/** What Home Assistant, which subscribes whenever it wants to, is told of a topic. */
const told = (topic: string, text?: string): Promise<string> =>
  firstValueFrom(
    homeAssistant.subscribe(topic).pipe(filter((message) => text === undefined || message.text() === text)),
  ).then((message) => message.text());

beforeEach(async () => {
  heated.length = 0;
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  const [url = ''] = await broker.listening;
  device = heater(url, 'h7', celsius$, async (on) => {
    if (heated.length === 2) throw new Error('the relay is stuck');
    await Promise.resolve();
    heated.push(on);
  });
  await firstValueFrom(device.client.granted('heaters/h7/set'));
  homeAssistant = connect(url);
});
afterEach(async () => {
  await Promise.all([homeAssistant.end(), device.client.end({ force: true })]);
  await broker.close();
});

describe('home-assistant.ts', () => {
  it('is found by one that subscribes later, with the topics that it uses', async () => {
    expect(JSON.parse(await told('homeassistant/sensor/+/config'))).toMatchObject({
      unique_id: 'h7_sensor',
      state_topic: 'heaters/h7/celsius',
      availability_topic: 'heaters/h7/status',
    });
    expect(JSON.parse(await told('homeassistant/switch/+/config'))).toMatchObject({
      unique_id: 'h7_switch',
      command_topic: 'heaters/h7/set',
      state_topic: 'heaters/h7/state',
    });
    celsius$.next(21.5);
    expect(await told('heaters/h7/celsius')).toBe('21.5');
  });

  it('obeys, and says what was done; a command that fails changes nothing and stops nothing', async () => {
    const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const send = (command: string) => firstValueFrom(homeAssistant.publish('heaters/h7/set', command, { qos: 1 }));
    await send('ON');
    expect(await told('heaters/h7/state', 'ON')).toBe('ON');
    await send('OFF');
    expect(await told('heaters/h7/state', 'OFF')).toBe('OFF');
    const failing = new Promise<void>((resolve) => logged.mockImplementation(() => resolve()));
    await send('ON');
    await failing;
    expect(await told('heaters/h7/state')).toBe('OFF');
    heated.length = 0;
    await send('ON');
    expect(await told('heaters/h7/state', 'ON')).toBe('ON');
    expect(heated).toEqual([true]);
    logged.mockRestore();
  });

  it('is unavailable once it has ended', async () => {
    expect(await told('heaters/h7/status', 'online')).toBe('online');
    await device.end();
    expect(await told('heaters/h7/status', 'offline')).toBe('offline');
  });

  it('is unavailable while its line is lost, and available again after that', async () => {
    const seen: string[] = [];
    const back = firstValueFrom(
      homeAssistant.subscribe('heaters/h7/status').pipe(
        filter((message) => {
          seen.push(message.text());
          return seen.join(' ').endsWith('offline online');
        }),
      ),
    );
    await told('heaters/h7/status', 'online');
    broker.dropConnections('h7');
    await firstValueFrom(device.client.reconnect());
    await back;
    expect(seen).toEqual(['online', 'offline', 'online']);
  });
});
