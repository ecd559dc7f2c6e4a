import type { MqttMessage } from 'rxmqtt';
import { recordedLine } from '../../packet/recorded-message.js';
import { elapsed } from '../../rx/clock.js';
import { isUtf8 } from '../../utf8.js';
import type { OUTPUT } from '../options/output-options.js';
import type { ValuesOf } from '../options/option.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import { counted } from './count-text.js';
import { hexDump } from './hex-dump.js';
import { isJson, jsonColours } from './json-colours.js';
import { styled } from './style.js';
import { visible } from './visible.js';

/** Prints messages as the options say. @throws UsageError for more than one format. */
export function printer(
  { json, raw, format }: ValuesOf<typeof OUTPUT>,
  terminal: Terminal,
  showsTopic: boolean,
): (message: MqttMessage) => void {
  if ([json, raw, format !== undefined].filter(Boolean).length > 1) {
    throw new UsageError("give one of '--json', '--raw' and '--format'");
  }
  if (json) return recorder(terminal);
  if (raw) return ({ payload }) => terminal.write(payload);
  if (format !== undefined) return (message) => terminal.out(forScreen(format(message), terminal));
  return (message) => {
    const topic = showsTopic ? styled('cyan', visible(message.topic), terminal) : '';
    terminal.out(withTopic(topic, message, terminal));
  };
}

/** Prints messages as a recording, whose first message is at 0. */
export function recorder(terminal: Pick<Terminal, 'out'>): (message: MqttMessage) => void {
  let first: number | undefined;
  return (message) => {
    const now = elapsed();
    first ??= now;
    terminal.out(recordedLine(message, now - first));
  };
}

function withTopic(topic: string, message: MqttMessage, terminal: Terminal): string {
  const { payload } = message;
  if (isBinary(payload)) {
    const size = styled('dim', `(${counted(payload.length, 'byte')})`, terminal);
    return `${topic === '' ? size : `${topic} ${size}`}\n${hexDump(payload)}`;
  }
  const text = message.text();
  const shown = isJson(text) ? jsonColours(forScreen(text, terminal), terminal) : forScreen(text, terminal);
  return topic === '' ? shown : `${topic} ${shown}`;
}

/** Whether a terminal could not show the payload as text. */
function isBinary(payload: Uint8Array): boolean {
  return (
    !isUtf8(payload) ||
    payload.some((byte) => byte === 0x7f || (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13))
  );
}

/** Escapes control characters for a terminal; a pipe gets the text unchanged. */
function forScreen(text: string, { isScreen }: Terminal): string {
  return isScreen ? visible(text, true) : text;
}
