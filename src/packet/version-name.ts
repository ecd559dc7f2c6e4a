import type { ProtocolVersion } from './packets.js';

const NAMES = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5' } as const;

/** The version as people call it: `MQTT 3.1.1`. */
export function versionName(version: ProtocolVersion): string {
  return NAMES[version];
}
