import { deeds, type Diagram, received, sent, state } from './diagram.js';

export const backoff: Diagram = {
  title: 'Nothing listens: attempts back off (without jitter)',
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
  title: 'keepalive 10: pings after silence find a dead line',
  begins: 'unconnected',
  rows: [
    deeds('the line', '12s x', { x: 'freezes' }),
    sent('C 8999ms P 8999ms Q---', { C: 'CONNECT v5 clean', P: 'PINGREQ', Q: 'PINGREQ' }),
    received('--A 8999ms R', { A: 'CONNACK', R: 'PINGRESP' }),
    state('c-C 22997ms r-', { c: 'connecting 1', C: 'connected', r: 'reconnecting 1 in 1000' }),
  ],
};
