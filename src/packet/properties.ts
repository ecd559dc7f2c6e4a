import { utf8Length, writeUtf8 } from '../utf8.js';
import { ErrorCode, MqttError } from '../errors.js';
import { malformed, violation } from './malformed.js';
import { PacketReader } from './packet-reader.js';
import type { Properties, UserProperties } from './packets.js';
import { mayRepeat, propertyById, propertyByName, type PropertyCarrier, type PropertyRule } from './property-table.js';
import { ReasonCode } from './reason-codes.js';
import { varIntLength, writeVarInt } from './var-int.js';

/** The size of the properties in bytes, without their length field. */
export function propertiesLength(properties: Properties | undefined): number {
  if (properties === undefined) return 0;
  let length = 0;
  for (const name in properties) {
    const value = properties[name as keyof Properties];
    if (value !== undefined) length += propertyLength(ruleOf(name), value);
  }
  return length;
}

/** The property length and the properties as new bytes; no properties are one zero byte [MQTT-2.2.2-1]. */
export function encodeProperties(properties: Properties | undefined): Uint8Array {
  const length = propertiesLength(properties);
  const bytes = new Uint8Array(varIntLength(length) + length);
  writeProperties(properties, bytes, writeVarInt(length, bytes, 0));
  return bytes;
}

/** Writes the properties in the order of the object's keys, without their length field. Returns the end position. */
export function writeProperties(properties: Properties | undefined, bytes: Uint8Array, at: number): number {
  if (properties === undefined) return at;
  for (const name in properties) {
    const value = properties[name as keyof Properties];
    if (value !== undefined) at = writeProperty(ruleOf(name), value, bytes, at);
  }
  return at;
}

/**
 * Reads the properties between two positions, without their length field.
 * @throws ProtocolError 0x81 for properties that are unreadable or do not belong to the packet, 0x82 for a forbidden
 * value or repetition, 0x94 for topic alias 0, 0x97 for too many user properties.
 */
export function decodeProperties(
  bytes: Uint8Array,
  start: number,
  end: number,
  carrier: PropertyCarrier,
  mostUserProperties = Infinity,
): Properties {
  const reader = new PacketReader(bytes, start, end, carrier);
  const properties: Properties = {};
  const values = properties as Record<string, unknown>;
  while (reader.at < end) {
    const rule = propertyById[reader.byte('properties')];
    if (rule === undefined) throw malformed(`${carrier.toUpperCase()} holds an unknown property`);
    const { name } = rule;
    if (!rule.carriers.includes(carrier))
      throw malformed(`${carrier.toUpperCase()} may not carry the property ${name}`);
    const value = readProperty(rule, reader, carrier);
    const earlier = values[name];
    if (rule.type === 'pairs') {
      if (earlier === undefined) values[name] = [value];
      else if ((earlier as unknown[]).push(value) > mostUserProperties) throw tooManyPairs(carrier, mostUserProperties);
    } else if (earlier === undefined) {
      values[name] = value;
    } else if (mayRepeat(rule, carrier)) {
      if (Array.isArray(earlier)) earlier.push(value);
      else values[name] = [earlier, value];
    } else {
      throw violation(`${carrier.toUpperCase()} holds the property ${name} more than once`);
    }
  }
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw violation(`${carrier.toUpperCase()} holds authentication data without an authentication method`);
  }
  return properties;
}

function tooManyPairs(carrier: PropertyCarrier, most: number): Error {
  return violation(`${carrier.toUpperCase()} holds more than ${most} user properties`, ReasonCode.QUOTA_EXCEEDED);
}

/** User properties as pairs: a record's entries in order, or pairs unchanged. */
export function normalizeUserProperties(
  input: UserProperties | Readonly<Record<string, string | readonly string[]>>,
): UserProperties {
  if (isPairs(input)) return input;
  const pairs: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(input)) {
    if (typeof value === 'string') pairs.push([name, value]);
    else for (const one of value) pairs.push([name, one]);
  }
  return pairs;
}

function isPairs(
  input: UserProperties | Readonly<Record<string, string | readonly string[]>>,
): input is UserProperties {
  return Array.isArray(input);
}

function ruleOf(name: string): PropertyRule {
  const rule = propertyByName.get(name);
  if (rule !== undefined) return rule;
  throw new MqttError(`Property "${name}" cannot be sent: MQTT 5 has no such property; remove it`, {
    code: ErrorCode.INVALID_PROPERTY,
  });
}

function propertyLength(rule: PropertyRule, value: Properties[keyof Properties]): number {
  switch (rule.type) {
    case 'flag':
    case 'bit':
      return 2;
    case 'uint16':
      return 3;
    case 'uint32':
      return 5;
    case 'varInt': {
      if (typeof value === 'number') return 1 + varIntLength(value);
      let length = 0;
      for (const one of value as readonly number[]) length += 1 + varIntLength(one);
      return length;
    }
    case 'string':
      return 3 + within16Bits(utf8Length(value as string), rule);
    case 'binary':
      return 3 + within16Bits((value as Uint8Array).length, rule);
    case 'pairs': {
      let length = 0;
      for (const [name, text] of value as UserProperties) {
        length += 5 + within16Bits(utf8Length(name), rule) + within16Bits(utf8Length(text), rule);
      }
      return length;
    }
  }
}

function within16Bits(length: number, rule: PropertyRule): number {
  if (length <= 0xffff) return length;
  throw new MqttError(`Property ${rule.name} cannot be sent: it has ${length} bytes; the limit is 65535`, {
    code: ErrorCode.INVALID_PROPERTY,
  });
}

function writeProperty(rule: PropertyRule, value: Properties[keyof Properties], bytes: Uint8Array, at: number): number {
  switch (rule.type) {
    case 'pairs':
      for (const [name, text] of value as UserProperties) {
        bytes[at] = rule.id;
        at = writeString(text, bytes, writeString(name, bytes, at + 1));
      }
      return at;
    case 'varInt':
      for (const one of typeof value === 'number' ? [value] : (value as readonly number[])) {
        bytes[at] = rule.id;
        at = writeVarInt(one, bytes, at + 1);
      }
      return at;
  }
  bytes[at++] = rule.id;
  switch (rule.type) {
    case 'flag':
    case 'bit':
      bytes[at] = Number(value);
      return at + 1;
    case 'uint16':
      return writeUint16(value as number, bytes, at);
    case 'uint32':
      return writeUint16((value as number) & 0xffff, bytes, writeUint16((value as number) >>> 16, bytes, at));
    case 'string':
      return writeString(value as string, bytes, at);
    case 'binary': {
      const source = value as Uint8Array;
      bytes.set(source, writeUint16(source.length, bytes, at));
      return at + 2 + source.length;
    }
  }
}

function writeUint16(value: number, bytes: Uint8Array, at: number): number {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
  return at + 2;
}

function writeString(text: string, bytes: Uint8Array, at: number): number {
  const end = writeUtf8(text, bytes, at + 2);
  writeUint16(end - at - 2, bytes, at);
  return end;
}

function readProperty(rule: PropertyRule, reader: PacketReader, carrier: PropertyCarrier): unknown {
  const { name } = rule;
  switch (rule.type) {
    case 'flag':
    case 'bit': {
      const value = reader.byte(name);
      // Brokers send Maximum QoS 2, which the standard has no room for: it means no limit.
      const most = name === 'maximumQoS' ? 2 : 1;
      if (value > most) {
        const problem = `${carrier.toUpperCase()} property ${name} is neither 0 nor 1`;
        throw name === 'payloadFormatIndicator' ? malformed(problem) : violation(problem);
      }
      return rule.type === 'flag' ? value === 1 : value;
    }
    case 'string': {
      const text = reader.string(name);
      // It is a topic name: [MQTT-3.3.2-14] [MQTT-4.7.3-1].
      if (name === 'responseTopic' && (text === '' || /[+#]/.test(text))) {
        throw violation(
          `${carrier.toUpperCase()} property responseTopic ${text === '' ? 'is empty' : 'holds a wildcard'}`,
        );
      }
      return text;
    }
    case 'binary':
      return reader.binary(name);
    case 'pairs':
      return [reader.string(name), reader.string(name)];
  }
  const value =
    rule.type === 'uint16' ? reader.uint16(name) : rule.type === 'uint32' ? reader.uint32(name) : reader.varInt(name);
  if (value < rule.min) {
    const code = name === 'topicAlias' ? ReasonCode.TOPIC_ALIAS_INVALID : ReasonCode.PROTOCOL_ERROR;
    throw violation(`${carrier.toUpperCase()} property ${name} is 0`, code);
  }
  return value;
}
