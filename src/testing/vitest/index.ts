/**
 * The matchers of the kit, for Vitest.
 *
 * @module rxmqtt/testing/vitest
 */
import { expect } from 'vitest';
import { matchers } from '../matchers.js';
import type { MqttMatchers } from '../mqtt-matchers.js';

export type { MqttMatchers };

expect.extend(matchers);

declare module 'vitest' {
  interface Assertion<T> extends MqttMatchers<void> {}
}
