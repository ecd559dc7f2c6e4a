import { JSDOM } from 'jsdom';
import { createElement } from 'react';
import { firstValueFrom } from 'rxjs';
import { createBroker, type Broker } from '../../../src/broker/index.js';

let broker: Broker;

beforeAll(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt'] });
  const [tcp = '', ws = ''] = await broker.listening;
  Object.assign(process.env, { MQTT_URL: tcp, NEXT_PUBLIC_MQTT_URL: ws });
});
afterAll(() => broker.close());

describe('next/route.ts', () => {
  const put = async (id: string, body: string): Promise<number> => {
    const { PUT } = await import('../../../examples/recipes/next/route.js');
    const request = new Request('http://localhost/', { method: 'PUT', body });
    return (await PUT(request, { params: Promise.resolve({ id }) })).status;
  };

  it('answers once the broker has the message, over one connection for all requests', async () => {
    const topics: string[] = [];
    const published = broker.published$.subscribe(({ message }) => topics.push(`${message.topic} ${message.text()}`));
    const connected: string[] = [];
    const connections = broker.connected$.subscribe(({ clientId }) => connected.push(clientId));
    expect(await Promise.all([put('7', '21.5'), put('8', '18'), put('+', '18'), put('8', 'warm')])).toEqual([
      204, 204, 400, 400,
    ]);
    expect(topics.sort()).toEqual(['hall/7/set 21.5', 'hall/8/set 18']);
    expect(connected).toHaveLength(1);
    published.unsubscribe();
    connections.unsubscribe();
    const { mqttServer } = await import('../../../examples/recipes/next/mqtt-server.js');
    await mqttServer().end();
  });

  it('answers 503 when the client cannot publish', async () => {
    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await put('7', '21.5')).toBe(503);
    expect(told).toHaveBeenCalled();
    told.mockRestore();
  });
});

describe('next/live-hall.tsx', () => {
  it('opens nothing where it is rendered on a server, and is live once the page runs it', async () => {
    const { renderToString } = await import('react-dom/server.node');
    const { LiveHall } = await import('../../../examples/recipes/next/live-hall.js');
    broker.publish({ topic: 'hall/7/celsius', payload: '21.5', retain: true });
    const html = renderToString(createElement(LiveHall, { id: '7' }));
    expect((await firstValueFrom(broker.clients$)).size).toBe(0);

    const { window } = new JSDOM();
    const { document, MutationObserver } = window;
    Object.assign(globalThis, { window, document, navigator: window.navigator });
    const { hydrateRoot } = await import('react-dom/client');
    const host = document.body.appendChild(document.createElement('div'));
    host.innerHTML = html;
    expect(host.textContent).toBe('idle: - °C');
    const complaints = jest.spyOn(console, 'error');
    const root = hydrateRoot(host, createElement(LiveHall, { id: '7' }));
    await new Promise<void>((resolve) => {
      const look = (): void => void (host.textContent === 'connected: 21.5 °C' && resolve());
      new MutationObserver(look).observe(host, { childList: true, characterData: true, subtree: true });
    });
    expect(complaints).not.toHaveBeenCalled();
    const gone = firstValueFrom(broker.disconnected$);
    root.unmount();
    expect((await gone).how).toBe('disconnect');
    for (const name of ['window', 'document', 'navigator']) Reflect.deleteProperty(globalThis, name);
  });
});
