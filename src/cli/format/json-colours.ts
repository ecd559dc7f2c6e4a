import { styled, type Style } from './style.js';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Colours a JSON text as it is, without moving anything in it. */
export function jsonColours(json: string, terminal: { readonly hasColours: boolean }): string {
  if (!terminal.hasColours) return json;
  return json.replace(TOKEN, (token, string?: string, colon?: string, word?: string) => {
    if (string === undefined) return styled(word === undefined ? 'yellow' : 'magenta', token, terminal);
    const style: Style = colon === undefined ? 'green' : 'blue';
    return styled(style, string, terminal) + (colon ?? '');
  });
}

/** Whether a text is a JSON object or list; a bare number or word is a text like any other. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
