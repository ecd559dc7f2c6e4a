import { deeds, type Diagram, received, sent, stream } from './diagram.js';

export const sessionResumed: Diagram = {
  title: 'A resumed session: what was open goes on',
  begins: 'connected',
  rows: [
    deeds('the line', '---------x', { x: 'breaks' }),
    stream('messages', '-^', '25ms m-', { m: 'away' }),
    stream('publish', '--------^', '31ms (r|)', { r: 'receipt' }),
    sent('-S------P 10ms C 5ms (DK)', {
      S: 'SUBSCRIBE #1 hall/#:1 id=1',
      P: 'PUBLISH #2 log "x" q1',
      C: 'CONNECT v5',
      D: 'PUBLISH #2 log "x" q1 dup',
      K: 'PUBACK #1',
    }),
    received('-------K 17ms (AM)--B', {
      K: 'SUBACK #1 0x01',
      A: 'CONNACK present',
      M: 'PUBLISH #1 hall/7 "away" q1',
      B: 'PUBACK #2 0x10',
    }),
  ],
};

export const sessionLost: Diagram = {
  title: 'A lost session: subscribed again, and QoS 1 published anew',
  begins: 'connected',
  rows: [
    deeds('the line', '------x', { x: 'breaks' }),
    stream('messages', '-^', '20ms -', {}),
    stream('publish', '-----^', '20ms (r|)', { r: 'receipt' }),
    sent('-S---P 10ms C-(TD)', {
      S: 'SUBSCRIBE #1 hall/#:1 id=1',
      P: 'PUBLISH #2 log "x" q1',
      T: 'SUBSCRIBE #3 hall/#:1 id=2',
      D: 'PUBLISH #4 log "x" q1',
      C: 'CONNECT v5',
    }),
    received('---K 14ms A-(LB)', {
      K: 'SUBACK #1 0x01',
      A: 'CONNACK',
      L: 'SUBACK #3 0x01',
      B: 'PUBACK #4 0x10',
    }),
  ],
};
