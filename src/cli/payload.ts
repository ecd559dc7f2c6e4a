import type { Terminal } from './terminal.js';

/** The payload of an argument: its text, or the standard input for `-`. */
export async function payloadOf(word: string, terminal: Terminal): Promise<Uint8Array> {
  if (word !== '-') return Buffer.from(word);
  const parts: Uint8Array[] = [];
  for await (const chunk of terminal.chunks()) parts.push(chunk);
  return Buffer.concat(parts);
}
