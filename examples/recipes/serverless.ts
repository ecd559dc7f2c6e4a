import { firstValueFrom } from 'rxjs';
import { connect } from 'rxmqtt';

/** A handler that connects, publishes and ends within one request, and takes ten seconds at the very most. */
export async function handler(url: string, event: { readonly door: string }): Promise<{ readonly statusCode: number }> {
  // Ends with the block, whatever happens in it.
  await using client = connect(url, { connectTimeout: 3000, reconnect: { minDelay: 200, maxAttempts: 2 } });
  try {
    await firstValueFrom(client.publish('doors', event.door, { qos: 1, ackTimeout: 3000 }));
    return { statusCode: 204 };
  } catch (error) {
    console.error(error);
    return { statusCode: 503 };
  }
}
