import type { NodeLine } from './node-line.js';
import type { ServerProcess } from './server-process.js';

/** A node, and the line on which the clients reach it. */
export interface Place {
  readonly server: ServerProcess;
  readonly line: NodeLine;
}

interface Fault {
  readonly fail: (place: Place) => Promise<void>;
  readonly mend: (place: Place) => Promise<void>;
}

async function startAgain({ server, line }: Place): Promise<void> {
  await server.start();
  await line.accept();
}

/** What happens to a node, and how it comes back. */
export const FAULTS = {
  'is killed': {
    fail: ({ server, line }) => {
      line.refuse();
      return server.kill();
    },
    mend: startAgain,
  },
  'is frozen': {
    fail: ({ server }) => Promise.resolve(server.freeze()),
    mend: ({ server }) => Promise.resolve(server.thaw()),
  },
  'is stopped': {
    fail: ({ server, line }) => {
      line.refuse();
      return server.stop();
    },
    mend: startAgain,
  },
  'is cut off from its clients': {
    fail: ({ line }) => Promise.resolve(line.cut()),
    mend: ({ line }) => Promise.resolve(line.heal()),
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;
