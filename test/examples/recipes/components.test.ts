/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { Component, createElement, type ReactNode, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { filter, firstValueFrom } from 'rxjs';
import { createApp, nextTick, reactive, h, type App } from 'vue';
import { Hall as ReactHall } from '../../../examples/recipes/react/hall.js';
import { Hall as VueHall } from '../../../examples/recipes/vue/hall.js';
import { connect, type MqttClient } from '../../../src/index.js';
import { inProcessBroker, type TestBroker } from '../../../src/testing/index.js';

let broker: TestBroker;
let client: MqttClient;
let host: HTMLElement;

beforeEach(() => {
  broker = inProcessBroker();
  client = connect('ws://page.invalid', { clientId: 'page', transport: broker.transport });
  broker.publish({ topic: 'hall/7/celsius', payload: '21.5', retain: true });
  broker.publish({ topic: 'hall/8/celsius', payload: '18.5', retain: true });
  host = document.body.appendChild(document.createElement('div'));
});
afterEach(async () => {
  host.remove();
  await client.end();
  await broker.close();
});

const asked = (): string[] => broker.wire('page').filter((row) => row.includes('SUBSCRIBE') && row.includes('hall'));
/** Settles when the page shows that text, by the observer of the DOM. */
const shows = (text: string): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (host.textContent !== text) return;
      watcher.disconnect();
      resolve();
    };
    const watcher = new MutationObserver(look);
    watcher.observe(host, { childList: true, characterData: true, subtree: true });
    look();
  });

describe('react/use-mqtt.ts', () => {
  let root: Root;
  beforeEach(() => {
    root = createRoot(host);
  });
  afterEach(() => root.unmount());

  it('shows state and newest value, follows its filter, and unsubscribes with the component', async () => {
    root.render(createElement(ReactHall, { client, id: '7' }));
    await shows('connected: 21.5 °C');
    broker.publish({ topic: 'hall/7/celsius', payload: '22' });
    await shows('connected: 22 °C');
    root.render(createElement(ReactHall, { client, id: '8' }));
    await shows('connected: 18.5 °C');
    const gone = firstValueFrom(client.packets$.pipe(filter(({ packet }) => packet.cmd === 'unsuback')));
    root.render(null);
    await gone;
    expect(await firstValueFrom(client.subscriptions$)).toEqual(new Map());
  });

  it('sends one SUBSCRIBE in StrictMode, which runs effects twice', async () => {
    root.render(createElement(StrictMode, null, createElement(ReactHall, { client, id: '7' })));
    await shows('connected: 21.5 °C');
    expect(asked()).toHaveLength(1);
  });

  it('never shows a value of another filter as its own', async () => {
    const seen: (string | null)[] = [];
    root.render(createElement(ReactHall, { client, id: '7' }));
    await shows('connected: 21.5 °C');
    const watcher = new MutationObserver(() => seen.push(host.textContent));
    watcher.observe(host, { childList: true, characterData: true, subtree: true });
    root.render(createElement(ReactHall, { client, id: '9' }));
    await shows('connected: - °C');
    watcher.disconnect();
    expect(seen).toEqual(['connected: - °C']);
  });

  it('hands a refusal to the error boundary', async () => {
    class Boundary extends Component<{ readonly children: ReactNode }, { readonly text?: string }> {
      override state: { readonly text?: string } = {};
      static getDerivedStateFromError = (error: { code: string }) => ({ text: error.code });
      override render = (): ReactNode => this.state.text ?? this.props.children;
    }
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    root.render(createElement(Boundary, null, createElement(ReactHall, { client, id: '#' })));
    await shows('INVALID_FILTER');
    jest.restoreAllMocks();
  });
});

describe('vue/use-mqtt.ts', () => {
  let application: App;

  it('shows state and newest value, follows its filter, and unsubscribes with the component', async () => {
    const props = reactive({ id: '7' });
    application = createApp({ render: () => h(VueHall, { client, id: props.id }) });
    application.mount(host);
    await shows('connected: 21.5 °C');
    broker.publish({ topic: 'hall/7/celsius', payload: '22' });
    await shows('connected: 22 °C');
    props.id = '8';
    await nextTick();
    expect(host.textContent).toBe('connected: - °C');
    await shows('connected: 18.5 °C');
    expect(asked().length).toBe(3);
    const gone = firstValueFrom(client.packets$.pipe(filter(({ packet }) => packet.cmd === 'unsuback')));
    application.unmount();
    await gone;
    expect(await firstValueFrom(client.subscriptions$)).toEqual(new Map());
  });
});
