/** `npm run example:angular`: builds the dashboard and serves it beside a broker and a simulated plant. */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startDashboard } from './server/dashboard-server.js';
import { prepare } from './server/prepare.js';

console.log('building the application (its first time takes a minute) ...');
console.log(prepare().trim());
const dashboard = await startDashboard({
  folder: fileURLToPath(new URL('dist/dashboard/browser', import.meta.url)),
  port: Number(process.env['PORT'] ?? 4200),
});
console.log(`\ndashboard: ${dashboard.url}`);
console.log(
  'Enter stops the broker and starts it again; "boiler-1" and Enter switches that device off and on; Ctrl-C ends all.',
);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const id = line.trim();
  if (id !== '') {
    void dashboard.plant.toggle(id);
    return;
  }
  const done = dashboard.broker === undefined ? dashboard.startBroker() : dashboard.stopBroker();
  void done.then(() => console.log(dashboard.broker === undefined ? 'broker stopped' : 'broker started'));
});
process.once('SIGINT', () => {
  lines.close();
  void dashboard.close();
});
