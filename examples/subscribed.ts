import { first, lastValueFrom } from 'rxjs';
import type { MqttClient } from 'rxmqtt';

/** Waits until the broker has granted a subscription, so that nothing is published too early for it. */
export async function subscribed(client: MqttClient, filter: string): Promise<void> {
  await lastValueFrom(client.subscriptions$.pipe(first((known) => known.get(filter)?.status === 'active')));
}
