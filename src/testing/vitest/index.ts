/** `rxmqtt/testing/vitest`: the matchers of the kit, for Vitest. */
import { expect } from 'vitest';
import { matchers, type Times } from '../matchers.js';

expect.extend(matchers);

/** What the matchers add to `expect`. */
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

declare module 'vitest' {
  interface Assertion<T> extends MqttMatchers<void> {}
}
