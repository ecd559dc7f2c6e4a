import { mqttTest, type MqttTest, type MqttTestOptions } from '../support.js';

/** A mistake that people make, beside what is right, and the test that tells them apart. */
export interface SeededBug {
  readonly name: string;
  readonly passes: (which: 'good' | 'bad') => void;
}

export function bug<S>(
  name: string,
  { good, bad }: { readonly good: S; readonly bad: S },
  test: (t: MqttTest, subject: S) => void,
  options: MqttTestOptions = {},
): SeededBug {
  return {
    name,
    passes: (which) => mqttTest((t) => test(t, which === 'good' ? good : bad), { seed: 1, ...options }),
  };
}
