import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Witness } from './witness.js';

/**
 * The line from the clients to a node. Cut off, it holds what is on it and lets nothing through, as a network does that has
 * parted; a node that is down refuses connections.
 */
export class NodeLine {
  private readonly pairs = new Set<readonly [near: Socket, far: Socket]>();
  /** Those who came while it was cut off. */
  private readonly held = new Set<Socket>();
  private server: Server | undefined;
  private isCut = false;
  private port = 0;

  private constructor(
    private readonly target: () => string,
    private readonly witness: Witness | undefined,
  ) {}

  /** Opens a line to the node that has this URL at the time. */
  static async open(target: () => string, witness?: Witness): Promise<NodeLine> {
    const line = new NodeLine(target, witness);
    await line.accept();
    return line;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** The node is up. */
  async accept(): Promise<void> {
    const server = createServer((near) => this.join(near));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** The node is down: new connections are refused. The node itself ends those that it has. */
  refuse(): void {
    this.server?.close();
    this.server = undefined;
  }

  cut(): void {
    this.isCut = true;
    for (const [near, far] of this.pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }

  /** What was on the line arrives. */
  heal(): void {
    this.isCut = false;
    this.pairs.forEach((pair) => flow(pair));
    this.held.forEach((near) => near.destroy());
  }

  close(): void {
    this.refuse();
    for (const socket of [...this.held, ...[...this.pairs].flat()]) socket.destroy();
  }

  private join(near: Socket): void {
    near.on('error', () => near.destroy());
    if (this.isCut) {
      near.on('close', () => this.held.delete(near));
      this.held.add(near);
      return;
    }
    // From where the client comes, so that the node's log tells.
    const localAddress = near.remoteAddress ?? '127.0.0.1';
    const far = connect({ host: '127.0.0.1', port: Number(new URL(this.target()).port), localAddress });
    const pair = [near, far] as const;
    this.pairs.add(pair);
    far.on('error', () => near.destroy());
    near.on('close', () => {
      far.destroy();
      this.pairs.delete(pair);
    });
    far.on('close', () => near.destroySoon());
    this.witness?.watch(near, far);
    flow(pair);
  }
}

function flow([near, far]: readonly [Socket, Socket]): void {
  for (const socket of [near, far]) socket.setNoDelay(true);
  near.pipe(far).pipe(near);
}
