import type { Times } from './matchers.js';

/** The matchers that `rxmqtt/testing/jest` and `rxmqtt/testing/vitest` add to `expect`. */
export interface MqttMatchers<R> {
  /** A client of a test, a `fakeClient` or a test broker has published this message. */
  toHavePublished(topic: string, payload?: unknown, options?: Times): R;
  /** A client of a test has received this message, or a list of messages holds it. */
  toHaveReceived(topic: string, payload?: unknown, options?: Times): R;
  /** A test broker has this retained message. */
  toHaveRetained(topic: string, payload?: unknown): R;
  /** A client or a `fakeClient` observes this filter. */
  toBeSubscribedTo(filter: string): R;
  /** A client is connected. */
  toBeConnected(): R;
  /** A client of a test has sent this packet, given by its words or its fields. */
  toHaveSent(packet: string | RegExp | object): R;
}
