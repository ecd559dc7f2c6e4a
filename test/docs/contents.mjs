import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../scripts/rings.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const FOLDERS = {
  [1 << 7]: 'classes',
  [1 << 6]: 'functions',
  [1 << 8]: 'interfaces',
  [1 << 21]: 'type-aliases',
  [1 << 5]: 'variables',
};

/** The entries of the package: their names, and their sources. */
function entries() {
  const names = Object.keys(JSON.parse(read('package.json')).exports).filter((name) => name !== './package.json');
  return names.map((name) => ({ name: `rxmqtt${name.slice(1)}`, source: join(root, 'src', name, 'index.ts') }));
}

/** What TypeScript says an entry exports: TypeDoc is not asked what it left out. */
function exportsOf(sources) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.types.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: sources }, ts.sys, root);
  const program = ts.createProgram(sources, options);
  const checker = program.getTypeChecker();
  return new Map(
    sources.map((source) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(source));
      return [source, checker.getExportsOfModule(module).map(({ name }) => name)];
    }),
  );
}

const typeDoc = () => JSON.parse(read('artifacts/typedoc.json'));

function everyReflection(reflection, found = new Map()) {
  found.set(reflection.id, reflection);
  for (const child of reflection.children ?? []) everyReflection(child, found);
  return found;
}

const isDescribed = ({ comment, signatures = [] }) =>
  [comment, ...signatures.map((signature) => signature.comment)].some((one) =>
    one?.summary.some(({ text }) => text.trim() !== ''),
  );

export function documentedExports(pages) {
  const problems = [];
  let count = 0;
  const known = entries();
  const exported = exportsOf(known.map(({ source }) => source));
  const project = typeDoc();
  const reflections = everyReflection(project);
  for (const { name, source } of known) {
    const module = project.children.find((child) => child.name === name);
    for (const exportedName of exported.get(source)) {
      count++;
      // A value and a type may share a name, and an entry may pass on what another has.
      const found = (module?.children ?? [])
        .filter((child) => child.name === exportedName)
        .map((child) => reflections.get(child.target) ?? child);
      const paths = found.map((one) => {
        const home = project.children.find(({ children }) => children?.includes(one));
        return `/reference/api/${home?.name}/${FOLDERS[one.kind]}/${one.name}.html`;
      });
      if (paths.length === 0) problems.push(`${name}: ${exportedName} is not in the API reference`);
      else if (!found.some(isDescribed)) problems.push(`${name}: ${exportedName} has no TSDoc`);
      problems.push(...paths.filter((path) => !pages.has(path)).map((path) => `${name}: there is no page ${path}`));
    }
  }
  return { problems, count };
}

/** The rows of a text: `| \`name\` |`. */
const rowsOf = (text) => new Set([...text.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name));

/** An interface of options has a section, which has a row for each member that the interface does not inherit. */
export function missingOptions() {
  const sections = read('docs/options.md').split(/^## /m).map(rowsOf);
  return typeDoc().children.flatMap(({ name: entry, children = [] }) =>
    children
      .filter(({ name, kind }) => /(Options|Limits|Policy)$/.test(name) && FOLDERS[kind] === 'interfaces')
      .filter(({ name }) => name !== 'MqttErrorOptions')
      .map(({ name, children: members = [] }) => {
        const own = members.filter(({ inheritedFrom }) => inheritedFrom === undefined).map((member) => member.name);
        const missing = sections.map((rows) => own.filter((member) => !rows.has(member)));
        const fewest = missing.reduce((least, some) => (some.length < least.length ? some : least));
        return fewest.length === 0 ? '' : `${entry}: ${name} lacks ${fewest.join(', ')}`;
      })
      .filter((problem) => problem !== ''),
  );
}

export function missingErrors() {
  const rows = rowsOf(read('docs/errors.md'));
  const { children } = typeDoc().children.find(({ name }) => name === 'rxmqtt');
  const classes = children.filter(({ name, kind }) => FOLDERS[kind] === 'classes' && name.endsWith('Error'));
  const codes = children.find(({ name, kind }) => name === 'ErrorCode' && FOLDERS[kind] === 'variables');
  const names = [...classes, ...codes.type.declaration.children].map(({ name }) => name);
  return names.filter((name) => !rows.has(name));
}
