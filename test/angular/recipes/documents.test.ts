import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const recipes = join(root, 'examples/angular-recipes');
const guide = readFileSync(join(root, 'docs/angular.md'), 'utf8');
// Another page, the same in all but its name.
const files = readdirSync(recipes).filter((name) => name !== 'yard-page.ts');

describe('docs/angular.md', () => {
  it.each(files)('shows %s as it is', (name) => {
    const language = name.split('.').at(-1);
    expect(guide).toContain(`\`${name}\`:\n\n\`\`\`${language}\n${readFileSync(join(recipes, name), 'utf8')}\`\`\`\n`);
  });

  it('has a recipe for each of these', () => {
    for (const heading of [
      'A list of devices',
      'A banner for the connection',
      'Server-side rendering with hydration',
      'Login after bootstrap',
      'One client over lazy routes',
      'ng serve behind its proxy',
      'Offline first',
      'A component test',
      'An end-to-end test',
    ]) {
      expect(guide).toContain(`## ${heading}\n`);
    }
  });
});
