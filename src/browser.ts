import { connectWith } from './client/connect.js';
import { wakeUps$ } from './connection/wake-ups.js';
import { browserPlatform } from './transport/browser-platform.js';
import { browserTransport } from './transport/browser-transport.js';

/**
 * Connects to an MQTT broker over WebSocket: `ws:`, `wss:`, or a path relative to the page.
 *
 * @throws TypeError for an option that is unknown or cannot be used; it names the option.
 */
export const connect = /* @__PURE__ */ connectWith(browserTransport, wakeUps$, browserPlatform);
export { browserTransport } from './transport/browser-transport.js';
export * from './common.js';
