import { BrowserLevel } from 'browser-level';
import { connect, durable, type MqttClient } from 'rxmqtt';
import { levelStore } from 'rxmqtt/store-level';

const MIB = 1024 * 1024;

/**
 * A client whose queue survives the page, as long as the browser gives it room. When it does not, the client ends with an
 * error of code `STORE`, and another one takes its place, which keeps its queue in memory. `use` is told of each.
 */
export async function durableIfRoom(
  url: string,
  clientId: string,
  use: (client: MqttClient, isDurable: boolean) => void,
  maxBytes = 16 * MIB,
): Promise<void> {
  // Otherwise a browser that is short of room may delete the database unasked.
  await navigator.storage.persist();
  const session = { clientId, clean: false, sessionExpiry: 86_400 } as const;
  const database = new BrowserLevel<string, Uint8Array>(clientId, { valueEncoding: 'view' });
  const client = connect(url, {
    ...session,
    store: durable(levelStore(database)),
    offline: { maxBytes, overflow: 'drop-oldest' },
  });
  client.state$.subscribe((state) => {
    if (state.status !== 'ended' || state.reason?.code !== 'STORE') return;
    console.warn(state.reason.message, state.reason.cause);
    void database.close().then(() => use(connect(url, session), false));
  });
  use(client, true);
}
