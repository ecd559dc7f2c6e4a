import { exchange } from './exchange.js';

void exchange(process.argv[2]).then(console.log);
