import { readFileSync } from 'node:fs';

/** Rings run in the root of the repository. */
export const SCALING = 'docs/scaling.md';

/** A configuration file as `docs/scaling.md` shows it, with its `$NAMES` filled in. */
export function configuration(file: string, values: Readonly<Record<string, string | number>>): string {
  const page = readFileSync(SCALING, 'utf8');
  const text = new RegExp(`^\`\`\`\\w+ ${file.replaceAll('.', '\\.')}\\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1];
  if (text === undefined) throw new Error(`docs/scaling.md shows no ${file}`);
  return text.replaceAll(/\$([A-Z_]+(?:\d)?)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${file}: there is no value for $${name}`);
    return String(value);
  });
}
