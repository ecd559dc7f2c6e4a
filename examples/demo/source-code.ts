import { readFileSync } from 'node:fs';

/** An expression as it stands in a file: from the text with which it begins to the line that closes it, unindented. */
export function sourceCode(file: URL | string, beginning: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const first = lines.findIndex((line) => line.includes(beginning));
  const opening = lines[first];
  if (opening === undefined) throw new Error(`sourceCode: "${beginning}" is not in ${String(file)}`);
  const indent = opening.search(/\S/);
  const length = lines.slice(first + 1).findIndex((line) => line.search(/\S/) === indent) + 2;
  const [head = '', ...tail] = lines.slice(first, first + length).map((line) => line.slice(indent));
  return [head.slice(head.indexOf(beginning)), ...tail].map((line) => line.replace(/;$/, ''));
}
