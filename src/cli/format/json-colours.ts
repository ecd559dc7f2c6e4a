import { styled, type Style } from './style.js';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Colours a JSON text without changing its layout. */
export function jsonColours(json: string, terminal: { readonly hasColours: boolean }): string {
  if (!terminal.hasColours) return json;
  return json.replace(TOKEN, (token, string?: string, colon?: string, word?: string) => {
    if (string === undefined) return styled(word === undefined ? 'yellow' : 'magenta', token, terminal);
    const style: Style = colon === undefined ? 'green' : 'blue';
    return styled(style, string, terminal) + (colon ?? '');
  });
}

/** Whether a text is a JSON object or list; a bare number or word counts as plain text. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
