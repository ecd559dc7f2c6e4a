/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import '@angular/compiler';
import {
  type ApplicationRef,
  Component,
  enableProdMode,
  REQUEST_CONTEXT,
  type Provider,
  type EnvironmentProviders,
} from '@angular/core';
import { bootstrapApplication, type BootstrapContext, provideClientHydration } from '@angular/platform-browser';
import { provideServerRendering, renderApplication } from '@angular/platform-server';
import { transferredSignal } from '../../../examples/angular-recipes/hydration.js';
import { newestValues } from '../../../examples/angular-recipes/newest-values.js';
import { provideMqtt } from '../../../src/angular/index.js';
import { inProcessBroker } from '../../../src/testing/index.js';
import { provideZoneless } from '../support/angular-version.js';
import { arrived } from '../support/scripted-broker.js';

enableProdMode();

describe('server-side rendering with hydration', () => {
  it('the page shows the value of the server at once, keeps the elements, and then shows what arrives', async () => {
    const broker = inProcessBroker();
    broker.publish({ topic: 'hall/7', payload: '21', retain: true });
    const newest = (): ReadonlyMap<string, string> =>
      newestValues({ url: 'mqtt://test.invalid', clientId: 'server', transport: broker.transport }, 'hall/#');
    while (newest().size === 0) await arrived();

    @Component({ standalone: true, selector: 'app-root', template: '<output>{{ celsius() ?? "-" }} °C</output>' })
    class App {
      readonly celsius = transferredSignal('hall/7');
    }
    // The server and the browser are one process here. Each process tells Angular which of them it is.
    const become = (ngServerMode: boolean): object => Object.assign(globalThis, { ngServerMode });
    const providers = () => [
      provideZoneless(),
      provideClientHydration(),
      provideMqtt({ url: 'ws://test.invalid', clientId: 'page', transport: broker.transport }),
    ];
    const start = (more: (Provider | EnvironmentProviders)[], context?: BootstrapContext): Promise<ApplicationRef> =>
      bootstrapApplication(App, { providers: [...providers(), ...more] }, context);

    become(true);
    const html = await renderApplication((context: BootstrapContext) => start([provideServerRendering()], context), {
      document: '<html><body><app-root></app-root></body></html>',
      url: '/',
      allowedHosts: ['localhost'],
      // As `handle(request, context)` of Angular's server does.
      platformProviders: [{ provide: REQUEST_CONTEXT, useValue: { newest: newest() } }],
    });
    expect(html).toContain('>21 °C</output>');
    // Rendering has connected no client of the page, and all requests share that of the server.
    expect(broker.wire('page')).toEqual([]);
    expect(broker.wire('server').filter((row) => row.includes('> CONNECT'))).toHaveLength(1);

    become(false);
    document.open();
    document.write(html);
    document.close();
    const rendered = document.querySelector('output');
    const application = await start([]);
    expect(document.querySelector('output')).toBe(rendered);
    expect(rendered?.textContent).toBe('21 °C');
    await arrived();
    broker.publish({ topic: 'hall/7', payload: '22' });
    await arrived();
    await application.whenStable();
    expect(document.querySelector('output')).toBe(rendered);
    expect(rendered?.textContent).toBe('22 °C');
    application.destroy();
    await broker.close();
  });
});
