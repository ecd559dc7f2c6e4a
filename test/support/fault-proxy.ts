import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** From the client to the broker, or back. */
export type Direction = 'up' | 'down';

/** What is done to one connection. */
export interface Fault {
  readonly direction: Direction;
  /** Bytes or packets that come through first, counted from the beginning of the connection. */
  readonly after: number;
  readonly unit: 'bytes' | 'packets';
  /** Reset both sides, close both in order, or swallow everything both ways without a word. */
  readonly how: 'reset' | 'close' | 'freeze';
}

/** How bytes are passed on while nothing is broken. */
export interface Pace {
  /** Bytes of one write at most. Default: no limit. */
  readonly chunk?: number;
  /** Bytes a second, either way. Default: no limit. */
  readonly rate?: number;
}

/** Finds the ends of MQTT packets in a stream. */
class PacketCounter {
  packets = 0;
  private header: number[] = [];
  private missing = 0;

  /** How many of these bytes belong to the first `limit` packets of the stream. */
  within(chunk: Uint8Array, limit: number): number {
    let at = 0;
    while (at < chunk.length) {
      if (this.packets >= limit) return at;
      if (this.missing > 0) {
        const taken = Math.min(this.missing, chunk.length - at);
        this.missing -= taken;
        at += taken;
        if (this.missing === 0) this.packets++;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      this.header.push(byte);
      if (this.header.length === 1 || byte >= 0x80) continue;
      this.missing = this.header.slice(1).reduce((length, digit, index) => length + (digit & 127) * 128 ** index, 0);
      this.header = [];
      if (this.missing === 0) this.packets++;
    }
    return at;
  }
}

/** One connection through the proxy. */
class Passage {
  frozen = false;
  private readonly bytes = { up: 0, down: 0 };
  private readonly counters = { up: new PacketCounter(), down: new PacketCounter() };
  private readonly slow = new Set<NodeJS.Timeout>();

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
    private readonly fault: Fault | undefined,
    private readonly pace: Pace,
    private readonly onFault: () => void,
  ) {
    this.join('up', near, far);
    this.join('down', far, near);
  }

  end(how: Fault['how']): void {
    if (how === 'freeze') {
      this.frozen = true;
      return;
    }
    for (const timer of this.slow) clearTimeout(timer);
    for (const socket of [this.near, this.far]) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.destroySoon();
    }
  }

  private join(direction: Direction, from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on('error', () => to.destroy());
    from.on('close', () => !this.frozen && to.destroy());
    from.on('end', () => !this.frozen && to.end());
    from.on('data', (chunk: Buffer) => this.pass(direction, from, to, chunk));
  }

  private pass(direction: Direction, from: Socket, to: Socket, chunk: Buffer): void {
    if (this.frozen) return;
    const { fault } = this;
    if (fault?.direction !== direction) return this.write(from, to, chunk);
    const through =
      fault.unit === 'bytes'
        ? Math.max(0, fault.after - this.bytes[direction])
        : this.counters[direction].within(chunk, fault.after);
    this.bytes[direction] += chunk.length;
    if (through >= chunk.length) return this.write(from, to, chunk);
    if (through > 0) to.write(chunk.subarray(0, through));
    this.onFault();
    // What came through is on its way before the line goes.
    setImmediate(() => this.end(fault.how));
    this.frozen = true;
  }

  private write(from: Socket, to: Socket, chunk: Buffer): void {
    const { chunk: size = Infinity, rate = Infinity } = this.pace;
    for (let at = 0; at < chunk.length; at += size) to.write(chunk.subarray(at, Math.min(chunk.length, at + size)));
    if (rate === Infinity) return;
    from.pause();
    const timer = setTimeout(
      () => {
        this.slow.delete(timer);
        from.resume();
      },
      (chunk.length / rate) * 1000,
    );
    this.slow.add(timer);
  }
}

/** A TCP proxy on this machine that harms the connections which go through it. */
export class FaultProxy {
  /** Faults that have struck. */
  struck = 0;
  connections = 0;
  pace: Pace = {};
  private faults: Fault[] = [];
  private readonly passages = new Set<Passage>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    public target: number,
  ) {
    server.on('connection', (near: Socket) => this.accept(near));
  }

  /** A proxy in front of a port of this machine. */
  static async start(target: number): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new FaultProxy(server, target);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What befalls the next connections, one each. */
  plan(...faults: Fault[]): void {
    this.faults.push(...faults);
  }

  /** Does something to all connections that there are, now. */
  strike(how: Fault['how']): void {
    for (const passage of this.passages) {
      this.struck++;
      passage.end(how);
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(near: Socket): void {
    this.connections++;
    const far = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    const passage = new Passage(near, far, this.faults.shift(), this.pace, () => this.struck++);
    this.passages.add(passage);
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('close', () => {
        this.sockets.delete(socket);
        this.passages.delete(passage);
      });
    }
  }
}
