import { acksInOrder, receiveMaximum } from './acknowledging.js';
import { backoff, keepAlive } from './connecting.js';
import type { Diagram } from './diagram.js';
import { drawDiagram } from './draw-diagram.js';
import { cancelQueued, dropOldest, outbox, publishQos, sendWindow } from './publishing.js';
import { sessionLost, sessionResumed } from './sessions.js';
import { coldSubscribe, linger, refusedFilter, twoObservers, unsubscribe } from './subscribing.js';

const DIAGRAMS: Readonly<Record<string, Diagram>> = {
  'acks-in-order': acksInOrder,
  backoff,
  'cancel-queued': cancelQueued,
  'cold-subscribe': coldSubscribe,
  'drop-oldest': dropOldest,
  'keep-alive': keepAlive,
  linger,
  outbox,
  'publish-qos': publishQos,
  'receive-maximum': receiveMaximum,
  'refused-filter': refusedFilter,
  'send-window': sendWindow,
  'session-lost': sessionLost,
  'session-resumed': sessionResumed,
  'two-observers': twoObservers,
  unsubscribe,
};

/** The drawings of the documents, by their names in `docs/diagrams/`. */
export const drawings: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(DIAGRAMS).map(([name, diagram]) => [name, drawDiagram(diagram)]),
);
