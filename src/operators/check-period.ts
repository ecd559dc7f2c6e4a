import { ErrorCode, MqttError } from '../errors.js';
import { shown } from '../options/check-options.js';
import { LONGEST_TIMER } from '../rx/clock.js';

/** @throws MqttError `INVALID_OPTION` unless a timer can be set for this number of ms. */
export function checkPeriod(name: string, ms: number): void {
  if (typeof ms === 'number' && ms >= 0 && ms <= LONGEST_TIMER) return;
  throw new MqttError(`${name} is ${shown(ms)}; give ms from 0 to ${LONGEST_TIMER}`, {
    code: ErrorCode.INVALID_OPTION,
  });
}
