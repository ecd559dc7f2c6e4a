/** A worker of any kind: asked with `{ url }` and a port, it sends itself a message through the broker and tells it. */
import { connect } from 'rxmqtt';

interface Question extends Event {
  readonly data: { readonly url: string };
  readonly ports: readonly MessagePort[];
}

function echo({ data, ports }: Question): void {
  const [port] = ports;
  if (port === undefined) return;
  const client = connect(data.url);
  client.subscribe('worker/echo', { qos: 1 }).subscribe({
    next: (message) => {
      port.postMessage(`${message.text()}, ${typeof (globalThis as { document?: unknown }).document} document`);
      void client.end();
    },
    error: (error: Error) => port.postMessage(error.message),
  });
  client.publish('worker/echo', `from ${globalThis.constructor.name}`, { qos: 2 }).subscribe();
}

addEventListener('message', (event) => echo(event as Question));
addEventListener('connect', (event) => {
  const [port] = (event as Question).ports;
  port?.addEventListener('message', (question) => echo(question));
  port?.start();
});
