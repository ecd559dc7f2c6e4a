/** A module worker: asked with `{ url }` and a port, it answers a request of its own. */
import { connect, request, respond } from 'rxmqtt';

addEventListener('message', ({ data, ports: [port] }: MessageEvent<{ readonly url: string }>) => {
  const client = connect(data.url);
  respond(client, 'worker/sum', (asked) =>
    String(asked.json<number[]>().reduce((sum, value) => sum + value)),
  ).subscribe();
  request(client, 'worker/sum', '[20, 22]').subscribe({
    next: (reply) => {
      port?.postMessage(reply.text());
      void client.end();
    },
    error: (error: Error) => port?.postMessage(error.message),
  });
});
