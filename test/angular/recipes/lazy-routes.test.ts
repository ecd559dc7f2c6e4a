/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from '../support/testbed.js';
import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { appConfig } from '../../../examples/angular-recipes/lazy-routes.js';
import { inProcessBroker } from '../../../src/testing/index.js';
import { provideZoneless } from '../support/angular-version.js';
import { arrived } from '../support/scripted-broker.js';

startTestBed();

describe('one client over lazy routes', () => {
  it('one connection for all pages; what two of them show is left and taken without a word to the broker', async () => {
    const broker = inProcessBroker();
    for (const topic of ['hall', 'yard']) broker.publish({ topic: `${topic}/celsius`, payload: '21', retain: true });
    broker.publish({ topic: 'alarm', payload: 'fire', retain: true });
    const { providers } = appConfig({ url: 'ws://test.invalid', clientId: 'page', transport: broker.transport });
    TestBed.configureTestingModule({ providers: [provideZoneless(), ...providers] });

    // The root is a page, too: a server that renders answers 404 where there is none.
    const harness = await RouterTestingHarness.create('/');
    expect(TestBed.inject(Router).url).toBe('/hall');
    const shown = async (): Promise<string> => {
      await arrived();
      await harness.fixture.whenStable();
      return harness.routeNativeElement?.textContent ?? '';
    };
    expect(await shown()).toBe('hall 21 fire');
    await harness.navigateByUrl('/yard');
    expect(await shown()).toMatch(/^yard 21 /);
    const sent = broker
      .wire('page')
      .map((row) => row.replace(/^\d+ /, ''))
      .filter((row) => row.startsWith('> '));
    expect(sent.filter((row) => row.includes('CONNECT'))).toHaveLength(1);
    expect(sent.filter((row) => row.includes('UNSUBSCRIBE'))).toEqual([expect.stringMatching(/ hall\/celsius$/)]);
    await broker.close();
  });
});
