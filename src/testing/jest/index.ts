/** `rxmqtt/testing/jest`: the matchers of the kit, for Jest. */
import { expect } from '@jest/globals';
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

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends MqttMatchers<R> {}
}

declare global {
  namespace jest {
    interface Matchers<R, T> extends MqttMatchers<R> {}
  }
}
