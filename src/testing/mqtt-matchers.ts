import type { Times } from './matchers.js';

/** What the matchers of `rxmqtt/testing/jest` and `rxmqtt/testing/vitest` add to `expect`. */
export interface MqttMatchers<R> {
  /** Of a client of a test, a `fakeClient`, or a test broker. */
  toHavePublished(topic: string, payload?: unknown, options?: Times): R;
  /** Of a client of a test, or a list of messages. */
  toHaveReceived(topic: string, payload?: unknown, options?: Times): R;
  /** Of a test broker. */
  toHaveRetained(topic: string, payload?: unknown): R;
  /** Of a client, or a `fakeClient`. */
  toBeSubscribedTo(filter: string): R;
  toBeConnected(): R;
  /** Of a client of a test: a packet by its words or its fields. */
  toHaveSent(packet: string | RegExp | object): R;
}
