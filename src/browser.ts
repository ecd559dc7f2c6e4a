import { connectWith } from './client/connect.js';
import { wakeUps$ } from './connection/wake-ups.js';
import { browserPlatform } from './transport/browser-platform.js';
import { browserTransport } from './transport/browser-transport.js';

/**
 * Connects to an MQTT broker over WebSocket: `ws:`, `wss:`, or a path that is taken relative to the page.
 *
 * @throws TypeError that names the option when one is unknown or cannot be used.
 */
export const connect = /* @__PURE__ */ connectWith(browserTransport, wakeUps$, browserPlatform);
export { browserTransport } from './transport/browser-transport.js';
export * from './common.js';
