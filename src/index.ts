/**
 * The client: `connect`, its options and messages, pipeable operators, sessions and errors.
 *
 * @module rxmqtt
 */
import { connectWith } from './client/connect.js';
import { EMPTY } from 'rxjs';
import { nodePlatform } from './transport/node-platform.js';
import { nodeTransport } from './transport/node-transport.js';

/**
 * Connects to an MQTT broker. Connecting starts on the next tick, so that subscriptions made in this tick exist before
 * the first byte; a `lazy` client waits for the first subscription or publish. Without any of `url`, `servers`,
 * `transport` and `beforeConnect`, the broker is `mqtt://localhost`.
 *
 * @throws TypeError for an option that is unknown or cannot be used; it names the option.
 *
 * @example
 * ```ts
 * const client = connect('mqtt://localhost:1883', { clientId: 'hall-7' });
 * client.subscribe('hall/+/temperature').subscribe((message) => console.log(message.topic, message.text()));
 * client.publish('hall/7/temperature', '21.5', { qos: 1 }).subscribe();
 * ```
 */
export const connect = connectWith(nodeTransport, EMPTY, nodePlatform);
export type { DuplexLike } from './transport/duplex.js';
export { fromDuplex } from './transport/from-duplex.js';
export { nodeTransport } from './transport/node-transport.js';
export * from './common.js';
