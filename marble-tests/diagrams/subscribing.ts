import { type Diagram, received, sent, stream } from './diagram.js';

export const coldSubscribe: Diagram = {
  title: 'Subscribing sends SUBSCRIBE, leaving sends UNSUBSCRIBE',
  begins: 'connected',
  rows: [
    stream('messages', '--^--------!', '-------a---', { a: '21.5' }),
    sent('--S--------U---', { S: 'SUBSCRIBE #1 hall/+:1 id=1', U: 'UNSUBSCRIBE #2 hall/+' }),
    received('----K--P-----V-', { K: 'SUBACK #1 0x01', P: 'PUBLISH hall/7 "21.5" q0', V: 'UNSUBACK #2 0x00' }),
  ],
};

export const twoObservers: Diagram = {
  title: 'Each observer gets the retained message, and gets it once',
  begins: 'connected',
  rows: [
    stream('observer 1', '--^----------------!', '----r----------l---', { r: 'open', l: 'shut' }),
    stream('observer 2', '---------^------------!', '-----------r---l------', { r: 'open', l: 'shut' }),
    sent('--S------T------------U---', {
      S: 'SUBSCRIBE #1 door:0 id=1',
      T: 'SUBSCRIBE #2 door:0 id=2',
      U: 'UNSUBSCRIBE #3 door',
    }),
    received('----(KR)---(MR)L--------V-', {
      K: 'SUBACK #1 0x00',
      M: 'SUBACK #2 0x00',
      R: 'PUBLISH door "open" q0 retain',
      L: 'PUBLISH door "shut" q0',
      V: 'UNSUBACK #3 0x00',
    }),
  ],
};

export const linger: Diagram = {
  title: 'linger: the broker keeps the subscription; nothing is buffered',
  begins: 'connected',
  rows: [
    stream('observer 1', '--^----!', '-----a-', { a: '1' }),
    stream('observer 2', '------------^---!', '---------------c', { c: '3' }),
    sent('--S---------T 13ms U---', {
      S: 'SUBSCRIBE #1 door:0 id=1',
      T: 'SUBSCRIBE #2 door:0 id=2',
      U: 'UNSUBSCRIBE #3 door',
    }),
    received('----KA----B---MC 12ms V-', {
      K: 'SUBACK #1 0x00',
      A: 'PUBLISH door "1" q0',
      B: 'PUBLISH door "2" q0',
      M: 'SUBACK #2 0x00',
      C: 'PUBLISH door "3" q0',
      V: 'UNSUBACK #3 0x00',
    }),
  ],
};

export const unsubscribe: Diagram = {
  title: 'unsubscribe(filter): messages come until UNSUBACK',
  begins: 'connected',
  rows: [
    stream('messages', '^', '---a--b|', { a: '1', b: '2' }),
    stream('unsubscribe()', '-----^', '-------(c|)', { c: 'code 0' }),
    sent('S----U------', { S: 'SUBSCRIBE #1 door:0 id=1', U: 'UNSUBSCRIBE #2 door' }),
    received('--KA--BV-----', {
      K: 'SUBACK #1 0x00',
      A: 'PUBLISH door "1" q0',
      B: 'PUBLISH door "2" q0',
      V: 'UNSUBACK #2 0x00',
    }),
  ],
};

export const refusedFilter: Diagram = {
  title: 'A refused filter errors to its own observers',
  begins: 'connected',
  rows: [
    stream('hall/#', '--^', '---------a-', { a: '21.5' }),
    stream('secret/#', '--^', '----#', { '#': 'SUBSCRIBE_REFUSED' }),
    sent('--(ST)-----', { S: 'SUBSCRIBE #1 hall/#:0 id=1', T: 'SUBSCRIBE #2 secret/#:0 id=2' }),
    received('----(KN)-P-', {
      K: 'SUBACK #1 0x00',
      N: 'SUBACK #2 0x87',
      P: 'PUBLISH hall/7 "21.5" q0',
    }),
  ],
};
