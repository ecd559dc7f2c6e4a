import { deeds, type Diagram, received, sent, stream } from './diagram.js';

export const acksInOrder: Diagram = {
  title: "ack: 'manual': acknowledgements leave in the order of arrival",
  begins: 'connected',
  rows: [
    received('--K--(123)', {
      K: 'SUBACK #1 0x01',
      1: 'PUBLISH #1 job "1" q1',
      2: 'PUBLISH #2 job "2" q1',
      3: 'PUBLISH #3 job "3" q1',
    }),
    stream('messages', '^', '-----(123)', { 1: '1', 2: '2', 3: '3' }),
    deeds('you', '11ms 2-1----3', { 1: 'ack 1', 2: 'ack 2', 3: 'ack 3' }),
    sent('S 12ms (12)-3--', {
      S: 'SUBSCRIBE #1 job:1 id=1',
      1: 'PUBACK #1',
      2: 'PUBACK #2',
      3: 'PUBACK #3',
    }),
  ],
};

export const receiveMaximum: Diagram = {
  title: 'receiveMaximum 2: the third message waits',
  begins: 'connected',
  rows: [
    received('--K--(12)--3--', {
      K: 'SUBACK #1 0x01',
      1: 'PUBLISH #1 job "1" q1',
      2: 'PUBLISH #2 job "2" q1',
      3: 'PUBLISH #3 job "3" q1',
    }),
    stream('messages', '^', '-----(12)--3--', { 1: '1', 2: '2', 3: '3' }),
    deeds('you', '---------1', { 1: 'ack 1' }),
    sent('S--------1----', { S: 'SUBSCRIBE #1 job:1 id=1', 1: 'PUBACK #1' }),
  ],
};
