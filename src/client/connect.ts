import { EMPTY, type Observable } from 'rxjs';
import type { WakeUp } from '../connection/wake-ups.js';
import { genericPlatform, type Platform } from '../transport/platform.js';
import type { Transport } from '../transport/transport.js';
import { isRecord, shown } from '../options/check-options.js';
import type { ClientOptions } from './client-options.js';
import { toSettings } from './client-settings.js';
import { Client } from './client.js';
import type { MqttClient } from './mqtt-client.js';

/** Makes a client; see `connect`. */
export interface Connect {
  /** On Node: `mqtt://localhost`. */
  (): MqttClient;
  /** To an address, such as `mqtts://broker.example`. */
  (url: string, options?: Omit<ClientOptions, 'url'>): MqttClient;
  /** With the address among the options: `url`, `servers` or `transport`. */
  (options: ClientOptions): MqttClient;
}

/**
 * The options that locate the broker. If one of them is present but undefined, that is a mistake, not a wish for
 * localhost.
 */
const ADDRESS_OPTIONS: readonly (keyof ClientOptions)[] = ['url', 'servers', 'transport', 'beforeConnect'];

/**
 * Binds `connect` to a platform: its transport opens connections unless the options contain one, and its wake-ups tell
 * when to check deadlines again.
 */
export function connectWith(
  transport: Transport,
  wakeUps$: Observable<WakeUp> = EMPTY,
  platform: Platform = genericPlatform,
): Connect {
  return (...given: readonly [(string | ClientOptions)?, ClientOptions?]) =>
    new Client(toSettings(optionsOf(given, platform), transport, platform), wakeUps$);
}

function optionsOf(
  given: readonly [(string | ClientOptions)?, ClientOptions?],
  { defaultUrl }: Platform,
): ClientOptions {
  const [first, second] = given;
  const options = second ?? {};
  if (typeof first === 'string') return isRecord(options) ? { ...options, url: first } : options;
  if (given.length > 0 && !isRecord(first)) {
    throw new TypeError(`connect: the url is ${shown(first)}; give a text like mqtt://localhost, or options`);
  }
  const asked = first ?? {};
  if (defaultUrl === undefined || ADDRESS_OPTIONS.some((name) => name in asked)) return asked;
  return { ...asked, url: defaultUrl };
}
