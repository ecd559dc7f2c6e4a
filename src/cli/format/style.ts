import * as util from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

/** Missing before Node 20.12, where text has no colours. */
const { styleText } = util as Partial<Pick<typeof util, 'styleText'>>;

/** The text in a style, if the terminal shows colours. */
export function styled(style: Style, text: string, { hasColours }: { readonly hasColours: boolean }): string {
  // `hasColours` has decided already, and not only by the standard output.
  return hasColours && text !== '' ? (styleText?.(style, text, { validateStream: false }) ?? text) : text;
}
