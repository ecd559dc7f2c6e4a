/** Projects in temporary folders, and what is installed in them. */
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, root } from '../../scripts/rings.mjs';

const projects = fileURLToPath(new URL('projects', import.meta.url));

/** Versions of the house, for what the ring does not test in several. */
export async function ofTheHouse(...names) {
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return names.map((name) => `${name}@${devDependencies[name]}`);
}

/** A copy of `projects/<name>` with packages installed, the tarball and rxjs among them; returns its folder. */
export async function project({ temporary, tarball }, name, packages, folderName = name) {
  const folder = join(temporary, folderName);
  await cp(join(projects, name), folder, { recursive: true });
  await install(folder, [tarball, ...(await ofTheHouse('rxjs')), ...packages]);
  return folder;
}

/** The version of a package that is installed in a folder. */
export async function versionOf(folder, name) {
  return JSON.parse(await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
}
