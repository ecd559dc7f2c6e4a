export * from '../../src/testing/index.js';
export { json } from '../../src/index.js';
import { mqttTest, type MqttTest, type MqttTestOptions } from '../../src/testing/index.js';

/** What a test fails with. */
export function failureOf(body: (t: MqttTest) => void, options?: MqttTestOptions): Error {
  try {
    mqttTest(body, options);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the test passed');
}

export const failure = (body: (t: MqttTest) => void, options?: MqttTestOptions): string =>
  failureOf(body, options).message;

export async function asyncFailure(body: (t: MqttTest) => Promise<void>, options?: MqttTestOptions): Promise<string> {
  try {
    await mqttTest(async (t) => {
      await body(t);
    }, options);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the test passed');
}
