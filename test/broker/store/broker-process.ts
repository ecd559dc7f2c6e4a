/**
 * A broker on LevelDB as a process of its own: `broker-process.ts <folder> <port> [<write>]`; prints its address. With a
 * third argument it is killed as it makes that write.
 */
import { ClassicLevel } from 'classic-level';
import { createBroker } from '../../../src/broker/index.js';
import type { Store } from '../../../src/session/store.js';
import { levelStore } from '../../../src/store-level/index.js';

const [folder = '', port = '0', last = 'never'] = process.argv.slice(2);
const level = levelStore(new ClassicLevel(folder));
let writes = 0;
const store: Store = {
  load: (prefix) => level.load(prefix),
  write: (operations) => {
    const written = level.write(operations);
    if (++writes === Number(last)) process.kill(process.pid, 'SIGKILL');
    return written;
  },
};
const broker = createBroker({ listeners: [`tcp://127.0.0.1:${port}`], store });
broker.faults$.subscribe(({ message }) => process.stderr.write(`${message}\n`));
void broker.listening.then(([address = '']) => process.stdout.write(`${address}\n`));
