/**
 * The matchers of the kit, for Jest.
 *
 * @module rxmqtt/testing/jest
 */
import { expect } from '@jest/globals';
import { matchers } from '../matchers.js';
import type { MqttMatchers } from '../mqtt-matchers.js';

export type { MqttMatchers };

expect.extend(matchers);

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends MqttMatchers<R> {}
}

declare global {
  namespace jest {
    interface Matchers<R, T> extends MqttMatchers<R> {}
  }
}
