/** A page whose queue survives a reload: rxmqtt with a store in IndexedDB. */
import { BrowserLevel } from 'browser-level';
import { connect, durable } from 'rxmqtt';
import { levelStore } from '../../../src/store-level/index.js';

const store = levelStore(new BrowserLevel<string, Uint8Array>('queue', { valueEncoding: 'view' }));
const url = new URLSearchParams(location.search).get('broker') ?? '';

Object.assign(globalThis, {
  client: connect(url, {
    clientId: 'durable-page',
    clean: false,
    sessionExpiry: 3600,
    store: durable(store),
    reconnect: { minDelay: 50, maxDelay: 50, jitter: 'none' },
  }),
});
