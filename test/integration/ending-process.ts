/**
 * A client as a process of its own: `ending-process.ts <url> <how>`. It publishes five messages and prints `published`.
 * `how` says how it ends: `end` as soon as it is connected, `signal` by SIGTERM with `end()`, `exit` by process.exit() with publishes open.
 */
import { first, fromEvent, merge, take } from 'rxjs';
import { connect } from '../../src/index.js';

const [url = '', how = ''] = process.argv.slice(2);
const client = connect(url, { clientId: 'ending', will: { topic: 'gone', payload: 'will' } });
merge(...[1, 2, 3, 4, 5].map((n) => client.publish(`n/${n}`, String(n), { qos: 1 }))).subscribe({
  error: () => undefined,
});
client.packets$.subscribe(({ direction, packet }) => {
  if (direction === 'out' && packet.cmd === 'publish' && packet.topic === 'n/5') process.stdout.write('published\n');
});
if (how === 'signal')
  fromEvent(process, 'SIGTERM')
    .pipe(take(1))
    .subscribe(() => void client.end());
if (how === 'end') client.state$.pipe(first(({ status }) => status === 'connected')).subscribe(() => void client.end());
if (how === 'exit') process.stdin.once('data', () => process.exit(3));
