import { firstValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { startDesktopBroker, type DesktopBroker } from '../../examples/electron/desktop-broker.js';
import { connect, type ClientOptions, type MqttClient } from '../../src/index.js';

describe('electron/desktop-broker.ts', () => {
  let desktop: DesktopBroker;
  const clients: MqttClient[] = [];

  beforeEach(async () => {
    desktop = await startDesktopBroker({ port: 0 });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
    await desktop.close();
  });

  function client(url: string, options: Partial<ClientOptions> = {}): MqttClient {
    const made = connect(url, { reconnect: false, ...options });
    clients.push(made);
    return made;
  }

  it('brings what devices measure to the main process and to windows', async () => {
    const { url, username, password } = desktop.forWindows;
    const window = client(url, { username, password });
    const seen = [desktop.client, window].map((one) => firstValueFrom(one.subscribe('hall/+/celsius', { qos: 1 })));
    await Promise.all([desktop.client, window].map((one) => firstValueFrom(one.granted('hall/+/celsius'))));
    await firstValueFrom(client(desktop.tcp).publish('hall/7/celsius', '21.5', { qos: 1 }));
    expect((await Promise.all(seen)).map((message) => message.text())).toEqual(['21.5', '21.5']);
  });

  it('lets windows and the main process publish anywhere, and devices below hall/ only', async () => {
    const { url, username, password } = desktop.forWindows;
    await firstValueFrom(client(url, { username, password }).publish('settings', '1', { qos: 1 }));
    await firstValueFrom(desktop.client.publish('settings', '1', { qos: 1 }));
    const device = client(desktop.tcp);
    await expect(firstValueFrom(device.publish('settings', '1', { qos: 1 }))).rejects.toMatchObject({
      reasonCode: 0x87,
    });
  });

  it('lets no one in who does not know the password, and no page of another origin', async () => {
    const { url } = desktop.forWindows;
    for (const options of [{}, { username: 'window', password: 'guessed' }]) {
      await expect(firstValueFrom(client(url, options).connected$)).rejects.toMatchObject({ reasonCode: 0x86 });
    }
    const named = client(desktop.tcp, { username: 'window' });
    await expect(firstValueFrom(named.connected$)).rejects.toMatchObject({ reasonCode: 0x86 });
    const page = new WebSocket(url, 'mqtt', { origin: 'https://evil.example' });
    page.on('error', () => undefined);
    const status = await new Promise((resolve) =>
      page.on('unexpected-response', (_request, response) => resolve(response.statusCode)),
    );
    expect(status).toBe(403);
  });
});
