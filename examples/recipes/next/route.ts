import { firstValueFrom, timeout } from 'rxjs';
import { mqttServer } from './mqtt-server.js';

// A client over TCP needs Node; the edge runtime has WebSocket alone.
export const runtime = 'nodejs';

/** `app/api/halls/[id]/celsius/route.ts`: sets a temperature, and answers once the broker has it. */
export async function PUT(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  const celsius = Number(await request.text());
  if (!/^\w+$/.test(id) || Number.isNaN(celsius)) return new Response('a number for a hall', { status: 400 });
  const set$ = mqttServer().publish(`hall/${id}/set`, JSON.stringify(celsius), { qos: 1 });
  try {
    // Unsubscribing takes a message that was not sent out of the outbox: it does not come an hour later.
    await firstValueFrom(set$.pipe(timeout({ first: 2000 })));
    return new Response(null, { status: 204 });
  } catch (error) {
    console.error(error);
    return new Response('the broker does not answer', { status: 503 });
  }
}
