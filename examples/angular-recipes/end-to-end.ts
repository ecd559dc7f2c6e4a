import { strict as assert } from 'node:assert';
import type { Page } from 'playwright-core';
import { filter, firstValueFrom } from 'rxjs';
import type { Broker } from 'rxmqtt/broker';

/** What surrounds the application: where it is served, and the broker behind its `/mqtt`. */
export interface Surroundings {
  readonly url: string;
  readonly broker: Broker;
  readonly stopBroker: () => Promise<void>;
  readonly restartBroker: () => Promise<void>;
}

/** The application in a browser, with a broker that this test runs, stops and starts again. */
export async function endToEnd(page: Page, { url, broker, stopBroker, restartBroker }: Surroundings): Promise<void> {
  broker.publish({ topic: 'hall/7/celsius', payload: '21', retain: true });
  await page.goto(url);
  await page.getByText('21 °C').waitFor();
  await page.getByText('live', { exact: true }).waitFor();

  const sent = firstValueFrom(broker.published$.pipe(filter(({ message }) => message.topic === 'hall/7/set')));
  await page.getByRole('button').click();
  assert.equal(new TextDecoder().decode((await sent).message.payload), '19');

  await stopBroker();
  await page.getByText('not connected').waitFor();
  assert.equal(await page.getByText('21 °C').count(), 1);
  await restartBroker();
  await page.getByText('live', { exact: true }).waitFor();
}
