/** A broker on LevelDB as a process of its own: `broker-process.ts <folder> <port>`; prints its address. */
import { ClassicLevel } from 'classic-level';
import { createBroker } from '../../../src/broker/index.js';
import { levelStore } from '../../../src/store-level/index.js';

const [folder = '', port = '0'] = process.argv.slice(2);
const store = levelStore(new ClassicLevel(folder));
const broker = createBroker({ listeners: [`tcp://127.0.0.1:${port}`], store });
broker.faults$.subscribe(({ message }) => process.stderr.write(`${message}\n`));
void broker.listening.then(([address = '']) => process.stdout.write(`${address}\n`));
