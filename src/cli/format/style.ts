import * as util from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

/** Node has it from 20.12 on; before, text has no colours. */
const { styleText } = util as Partial<Pick<typeof util, 'styleText'>>;

/** The text in a style, where the terminal shows colours. */
export function styled(style: Style, text: string, { hasColours }: { readonly hasColours: boolean }): string {
  // Whether there are colours is known already, and not a question of the standard output alone.
  return hasColours && text !== '' ? (styleText?.(style, text, { validateStream: false }) ?? text) : text;
}
