/** Characters that move the cursor or the text around it. Joiners within emoji do not. */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Makes an untrusted text safe for a terminal by escaping invisible characters; `keepsLines` keeps line breaks and
 * tabs.
 */
export function visible(text: string, keepsLines = false): string {
  return (keepsLines ? text.replaceAll('\r\n', '\n') : text).replace(UNPRINTABLE, (character) => {
    if (keepsLines && /[\n\t]/.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
