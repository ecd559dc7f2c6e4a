import { deeds, type Diagram, received, sent, state } from './diagram.js';

export const backoff: Diagram = {
  title: 'Nothing listens: the next attempts follow after 1 s and 2 s (without jitter)',
  begins: 'unconnected',
  rows: [
    state('(cr) 996ms (ds) 1996ms e-C-', {
      c: 'connecting 1',
      r: 'reconnecting 2 in 1000',
      d: 'connecting 2',
      s: 'reconnecting 3 in 2000',
      e: 'connecting 3',
      C: 'connected',
    }),
    sent('3s C---', { C: 'CONNECT v5 clean' }),
    received('3002ms A-', { A: 'CONNACK' }),
  ],
};

export const keepAlive: Diagram = {
  title: 'keepalive 10: a ping after 9 s of silence; without an answer, the line is dead after 5 s',
  begins: 'unconnected',
  rows: [
    deeds('the line', '12s x', { x: 'freezes' }),
    sent('C 8999ms P 8999ms Q---', { C: 'CONNECT v5 clean', P: 'PINGREQ', Q: 'PINGREQ' }),
    received('--A 8999ms R', { A: 'CONNACK', R: 'PINGRESP' }),
    state('c-C 22997ms r-', { c: 'connecting 1', C: 'connected', r: 'reconnecting 1 in 1000' }),
  ],
};
