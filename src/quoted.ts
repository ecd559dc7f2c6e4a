/** Could forge a line of a log or move the text around it: controls, format characters, separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The longest text that is shown in full, in UTF-16 units. */
const LONGEST = 200;

/** Makes an untrusted text safe for errors and logs: escapes invisible characters, and truncates a long text. */
export function printable(text: string): string {
  return cut(text).replace(UNPRINTABLE, escaped);
}

/** The same, as a quoted string that the text cannot close. */
export function quoted(text: string): string {
  return JSON.stringify(cut(text)).replace(UNPRINTABLE, escaped);
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
