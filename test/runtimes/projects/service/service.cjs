const { exchange } = require('./exchange.cjs');

void exchange(process.argv[2]).then(console.log);
