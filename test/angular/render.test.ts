import '@angular/compiler';
import { Component, enableProdMode } from '@angular/core';
import { bootstrapApplication, type BootstrapContext } from '@angular/platform-browser';
import { provideServerRendering, renderApplication } from '@angular/platform-server';
import { mqttSignal, mqttState, provideMqtt } from '../../src/angular/index.js';
import { provideZoneless } from './support/angular-version.js';
import { ScriptedBroker } from './support/scripted-broker.js';

// Its greeting in development mode is no news here.
enableProdMode();

describe('renderApplication of @angular/platform-server', () => {
  it('renders the state idle and the initial value, and opens nothing', async () => {
    const broker = new ScriptedBroker();

    @Component({ standalone: true, selector: 'test-app', template: '{{ state().status }}, {{ level() }}' })
    class App {
      readonly state = mqttState();
      readonly level = mqttSignal('tank/level', { initialValue: 'no level yet', map: (message) => message.text() });
    }
    const providers = [provideZoneless(), provideServerRendering(), provideMqtt(broker.options())];
    const html = await renderApplication(
      (context: BootstrapContext) => bootstrapApplication(App, { providers }, context),
      { document: '<html><body><test-app></test-app></body></html>', url: '/', allowedHosts: ['localhost'] },
    );
    expect(html).toContain('idle, no level yet');
    expect(broker.log).toEqual([]);
  });
});
