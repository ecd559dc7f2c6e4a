import type { ClientOptions } from '../../src/index.js';
import type { ServerProcess } from './server-process.js';

/** One node of a cluster. */
export interface Node {
  readonly name: string;
  readonly url: string;
  readonly server: ServerProcess;
}

/** A broker of several nodes on the loopback interface, of one Debian package. */
export interface Cluster {
  readonly name: string;
  readonly nodes: readonly Node[];
  /** What its clients need beside `servers`. */
  readonly options: ClientOptions;
  /** What a node prints when a client connects; the first group is the address that it comes from. */
  readonly accepted: RegExp;
  stop(): Promise<void>;
}
