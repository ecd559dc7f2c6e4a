import { template } from '../format/template.js';
import { flag, value } from './option.js';

/** How messages are printed. */
export const OUTPUT = {
  json: flag('a JSON object a line, as rxmqtt record writes it', 'j'),
  raw: flag('the payloads as they are, and nothing else', 'N'),
  format: value('TEXT', 'a line of your own: %t topic, %p payload, %q, %r, ...; see below', template, { short: 'F' }),
} as const;

export const FORMAT_HELP = `--format knows: %t topic, %p payload, %x payload in hexadecimal, %b in base64, %l its length, %q QoS, %r retained,
%d duplicate, %m packet identifier, %j JSON, %I time (ISO 8601), %U time (s since 1970), %C content type,
%D correlation data, %E expiry, %F format indicator, %P user properties, %R response topic, %S subscription
identifiers, %% a percent sign; and \\n \\t \\r \\0 \\\\.`;
