import { template } from '../format/template.js';
import { flag, value } from './option.js';

/** The formats of printed messages. */
export const OUTPUT = {
  json: flag('one JSON object per line, as rxmqtt record writes it', 'j'),
  raw: flag('only the payloads, as bytes', 'N'),
  format: value('TEXT', 'a custom line: %t topic, %p payload, %q, %r, ...; see below', template, { short: 'F' }),
} as const;

export const FORMAT_HELP = `--format knows: %t topic, %p payload, %x payload in hexadecimal, %b in base64, %l its length, %q QoS, %r retained,
%d duplicate, %m packet identifier, %j JSON, %I time (ISO 8601), %U time (s since 1970), %C content type,
%D correlation data, %E expiry, %F format indicator, %P user properties, %R response topic, %S subscription
identifiers, %% a percent sign; and \\n \\t \\r \\0 \\\\.`;
