import type { PublishProperties, QoS } from 'rxmqtt';
import { UsageError } from '../usage-error.js';
import { type Option, texts, value } from './option.js';

/** A quality of service. */
export function qos(about: string): Option<QoS | undefined> {
  return value('0|1|2', about, qosOf, { short: 'q', completion: ['0', '1', '2'] });
}

/** @throws UsageError */
export function qosOf(given: string): QoS {
  if (given === '0' || given === '1' || given === '2') return Number(given) as QoS;
  throw new UsageError(`is not 0, 1 or 2: '${given}'`);
}

/** `--property`, which may be given several times. */
export const property = texts(
  'NAME=VALUE',
  'a property (MQTT 5): content-type, response-topic, ... or your own',
  pairOf,
  {
    short: 'D',
  },
);

export const PROPERTY_HELP = `--property knows content-type, response-topic, correlation-data, message-expiry-interval (s) and
payload-format-indicator (0 or 1). Every other name is a user property; user:NAME always is.`;

type Pair = readonly [name: string, value: string];

/** Converts pairs to properties; undefined without any. @throws UsageError */
export function propertiesOf(pairs: readonly Pair[]): PublishProperties | undefined {
  if (pairs.length === 0) return undefined;
  const properties: PublishProperties = {};
  const userProperties: Pair[] = [];
  for (const [name, text] of pairs) {
    switch (name) {
      case 'content-type':
        properties.contentType = text;
        break;
      case 'response-topic':
        properties.responseTopic = text;
        break;
      case 'correlation-data':
        properties.correlationData = Buffer.from(text);
        break;
      case 'message-expiry-interval':
        properties.messageExpiryInterval = secondsOf(text);
        break;
      case 'payload-format-indicator':
        if (text !== '0' && text !== '1') throw new UsageError(`property '${name}' is not 0 or 1: '${text}'`);
        properties.payloadFormatIndicator = text === '1';
        break;
      default:
        userProperties.push([name.replace(/^user:/, ''), text]);
    }
  }
  return userProperties.length === 0 ? properties : { ...properties, userProperties };
}

function pairOf(given: string): Pair {
  const at = given.indexOf('=');
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  throw new UsageError(`is not NAME=VALUE: '${given}'`);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= 0xffff_ffff) return seconds;
  throw new UsageError(`property 'message-expiry-interval' is not a whole number of s: '${text}'`);
}
