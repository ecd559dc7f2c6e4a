import { readFile, writeFile } from 'node:fs/promises';

const page = new URL('../../docs/runtimes.md', import.meta.url);

const row = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** The tables of docs/runtimes.md. Each stands between two comments that name it, and is written when the ring tested it. */
export class Table {
  #rows = new Map();

  /** A line of a table: what was tested, its version, how, and what came of it. */
  add(name, ...cells) {
    this.#rows.set(name, [...(this.#rows.get(name) ?? []), cells]);
  }

  async write() {
    let text = await readFile(page, 'utf8');
    for (const [name, rows] of this.#rows) {
      const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
      const [from, to] = [text.indexOf(begin), text.indexOf(end)];
      if (from < 0 || to < from) throw new Error(`docs/runtimes.md has no place for ${name}`);
      const lines = [row(['', 'version', 'tested', 'result']), row(['---', '---', '---', '---']), ...rows.map(row)];
      text = `${text.slice(0, from)}${begin}\n\n${lines.join('\n')}\n\n${text.slice(to)}`;
    }
    await writeFile(page, text);
  }
}

/** Runs a test as a check of the ring, and notes it in a table. The test returns the version that it has tested. */
export async function tested({ check, table }, name, subject, how, test) {
  let version;
  await check(`${subject}: ${how}`, async () => (version = await test()));
  table.add(name, subject, version ?? '', how, version === undefined ? 'fails' : 'passes');
}

/** Runs the tests of one subject, each as a check of the ring, and notes them in one line of a table. */
export async function testedTogether({ check, table }, name, subject, version, tests) {
  const passed = new Set();
  for (const [how, test] of tests) {
    await check(`${subject} ${version}: ${how}`, async () => {
      await test();
      passed.add(how);
    });
  }
  const all = tests.map(([how]) => how);
  const failed = all.filter((how) => !passed.has(how));
  table.add(name, subject, version, all.join(', '), failed.length === 0 ? 'passes' : `fails: ${failed.join(', ')}`);
}
