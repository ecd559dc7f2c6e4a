/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from '../support/testbed.js';
import type { Signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { type DeviceList, deviceListSignal } from '../../../examples/angular-recipes/device-list.js';
import { provideMqtt } from '../../../src/angular/index.js';
import { injectTestBroker, provideMqttTesting } from '../../../src/angular/testing/index.js';
import { fakeClient } from '../../../src/testing/index.js';
import { provideZoneless } from '../support/angular-version.js';

startTestBed();

describe('a list of devices', () => {
  const make = (): Signal<DeviceList> => TestBed.runInInjectionContext(() => deviceListSignal());
  const shown = async (list: Signal<DeviceList>, isReady: (list: DeviceList) => boolean): Promise<DeviceList> => {
    while (!isReady(list())) await new Promise((resolve) => setTimeout(resolve));
    return list();
  };

  it('it loads, then has each device with its value and its presence', async () => {
    TestBed.configureTestingModule({ providers: [provideZoneless(), provideMqttTesting()] });
    const broker = TestBed.runInInjectionContext(() => injectTestBroker());
    broker.publish({ topic: 'device/a/celsius', payload: '21', retain: true });
    broker.publish({ topic: 'device/b/celsius', payload: '22', retain: true });
    broker.publish({ topic: 'device/a/status', payload: 'online', retain: true });
    const list = make();
    expect(list()).toEqual({ devices: [], isLoading: true });
    expect(await shown(list, ({ devices, isLoading }) => !isLoading && devices.some(({ online }) => online))).toEqual({
      devices: [
        { id: 'a', celsius: 21, online: true },
        { id: 'b', celsius: 22, online: false },
      ],
      isLoading: false,
    });
  });

  it('it has the error of a refusal, and does not throw', async () => {
    const client = fakeClient({ refuse: { subscribe: 'device/+/celsius' } });
    TestBed.configureTestingModule({ providers: [provideZoneless(), provideMqtt({ client })] });
    const { devices, error } = await shown(make(), (list) => list.error !== undefined);
    expect([devices, error?.message]).toEqual([[], expect.stringMatching(/refused by the broker/)]);
  });
});
