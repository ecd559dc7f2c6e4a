import { deeds, type Diagram, received, sent, state, stream } from './diagram.js';

export const publishQos: Diagram = {
  title: 'When a publish completes, by its QoS',
  begins: 'connected',
  rows: [
    stream('QoS 0', '-^', '-(r|)', { r: 'receipt' }),
    stream('QoS 1', '--------^', '----------(r|)', { r: 'receipt' }),
    stream('QoS 2', '--------------^', '------------------(r|)', { r: 'receipt' }),
    sent('-P------Q-----R-L---', {
      P: 'PUBLISH hall/7 "a" q0',
      Q: 'PUBLISH #1 hall/7 "b" q1',
      R: 'PUBLISH #2 hall/7 "c" q2',
      L: 'PUBREL #2',
    }),
    received('----------A-----B-C-', { A: 'PUBACK #1 0x10', B: 'PUBREC #2 0x10', C: 'PUBCOMP #2' }),
  ],
};

export const cancelQueued: Diagram = {
  title: 'Leaving a publish that was not sent takes it out of the outbox',
  begins: 'unconnected',
  rows: [
    state('(cr)------d-C-', {
      c: 'connecting 1',
      r: 'reconnecting 2 in 10',
      d: 'connecting 2',
      C: 'connected',
    }),
    stream('publish a', '----^', '14ms (r|)', { r: 'receipt' }),
    stream('publish b', '-----^---!', '---------', {}),
    sent('10ms C-P---', { C: 'CONNECT v5 clean', P: 'PUBLISH #1 hall/7 "a" q1' }),
  ],
};

export const outbox: Diagram = {
  title: 'Without a connection, publishes wait, and leave in their order',
  begins: 'connected',
  rows: [
    deeds('the line', '--x', { x: 'breaks' }),
    state('--r 9ms c-C-', { r: 'reconnecting 1 in 10', c: 'connecting 1', C: 'connected' }),
    stream('publish a', '----^', '16ms (r|)', { r: 'receipt' }),
    stream('publish b', '------^', '16ms (r|)', { r: 'receipt' }),
    stream('publish c', '--------^', '14ms (r|)', { r: 'receipt' }),
    sent('12ms C-(123)', {
      C: 'CONNECT v5 clean',
      1: 'PUBLISH #1 hall/7 "a" q1',
      2: 'PUBLISH #2 hall/7 "b" q1',
      3: 'PUBLISH hall/7 "c" q0',
    }),
  ],
};

export const dropOldest: Diagram = {
  title: "overflow: 'drop-oldest' with room for two messages",
  begins: 'connected',
  rows: [
    deeds('the line', '--x', { x: 'breaks' }),
    stream('publish a', '----^', '--------#', { '#': 'QUEUE_FULL' }),
    stream('publish b', '------^', '16ms (r|)', { r: 'receipt' }),
    stream('publish c', '--------^', '16ms (r|)', { r: 'receipt' }),
    sent('12ms C-(23)', { C: 'CONNECT v5 clean', 2: 'PUBLISH #1 hall/7 "b" q1', 3: 'PUBLISH #2 hall/7 "c" q1' }),
  ],
};

export const sendWindow: Diagram = {
  title: 'A full window: b waits for the PUBACK of a',
  begins: 'connected',
  rows: [
    stream('publish a', '-^', '---(r|)', { r: 'receipt' }),
    stream('publish b', '-^', '-----(r|)', { r: 'receipt' }),
    sent('-1-2-----', { 1: 'PUBLISH #1 hall/7 "a" q1', 2: 'PUBLISH #2 hall/7 "b" q1' }),
    received('---A-B----', { A: 'PUBACK #1 0x10', B: 'PUBACK #2 0x10' }),
  ],
};
