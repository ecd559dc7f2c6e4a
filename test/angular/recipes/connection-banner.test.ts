/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from '../support/testbed.js';
import { PLATFORM_ID } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { NEVER } from 'rxjs';
import { ConnectionBanner } from '../../../examples/angular-recipes/connection-banner.js';
import { injectMqtt, provideMqtt } from '../../../src/angular/index.js';
import { provideZoneless } from '../support/angular-version.js';
import { arrived, ScriptedBroker } from '../support/scripted-broker.js';

startTestBed();

describe('a banner for the connection', () => {
  const OLD = 'No connection. Values are the last ones known.';
  let broker: ScriptedBroker;
  /** Attempts to connect have no answer then. */
  let isDeaf: boolean;

  beforeEach(() => {
    broker = new ScriptedBroker();
    isDeaf = false;
  });

  function create(...more: object[]): { readonly texts: readonly string[]; click(): void } {
    const { transport } = broker.options();
    const options = broker.options({ transport: (...call) => (isDeaf ? NEVER : transport!(...call)) });
    TestBed.configureTestingModule({ providers: [provideZoneless(), provideMqtt(options), ...(more as [])] });
    const fixture = TestBed.createComponent(ConnectionBanner);
    const page = fixture.nativeElement as HTMLElement;
    fixture.detectChanges();
    const region = page.querySelector('[role=status]')!;
    const texts = [region.textContent];
    new MutationObserver(() => texts.push(region.textContent)).observe(region, {
      characterData: true,
      subtree: true,
      childList: true,
    });
    return { texts, click: () => page.querySelector('button')?.click() };
  }

  it('says nothing at the start, then tells an outage until a connection stands again', async () => {
    const { texts, click } = create();
    await arrived();
    expect([broker.log, texts]).toEqual([['CONNECT'], ['']]);
    broker.drop();
    await arrived();
    expect(texts).toEqual(['', OLD]);
    click();
    await arrived();
    expect([broker.log, texts]).toEqual([
      ['CONNECT', 'closed', 'CONNECT'],
      ['', OLD, ''],
    ]);
  });

  it('goes on to tell it during an attempt', async () => {
    const { texts, click } = create();
    await arrived();
    broker.drop();
    await arrived();
    isDeaf = true;
    click();
    await arrived();
    expect(TestBed.runInInjectionContext(() => injectMqtt()).state.status).toBe('connecting');
    expect(texts).toEqual(['', OLD]);
  });

  it('says nothing in a page that a server renders', async () => {
    const { texts } = create({ provide: PLATFORM_ID, useValue: 'server' });
    await arrived();
    expect(texts).toEqual(['']);
  });
});
