import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Place {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly gone: Promise<void>;
  isLeaving: boolean;
}

/** How long to wait before a worker that could not start is started again, in ms. */
const RESTART_AFTER = 1000;

/** Keeps so many worker processes running as it is told, each under a name of its own that comes back. */
export class Pool {
  private readonly places = new Map<string, Place>();
  private wanted: ReadonlySet<string> = new Set();

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly print: (line: string) => void = console.log,
    /** Of its workers' names. Two pools at one broker need two: a broker knows one client of a name. */
    private readonly prefix = 'worker',
    /** What Node runs; the name of the worker follows. */
    private readonly program: readonly string[] = ['--import', 'tsx', 'examples/workers/main.ts'],
  ) {}

  /** Starts workers, or lets the last ones leave; settles when the new ones are at work and the old ones have gone. */
  async scale(count: number): Promise<void> {
    this.wanted = new Set(Array.from({ length: count }, (_, at) => `${this.prefix}-${at + 1}`));
    const leaving = [...this.places].filter(([name]) => !this.wanted.has(name)).map(([, place]) => place);
    for (const place of leaving) {
      place.isLeaving = true;
      place.child.kill('SIGTERM');
    }
    for (const name of this.wanted) if (!this.places.has(name)) this.start(name);
    await Promise.all([...[...this.wanted].map((name) => this.atWork(name)), ...leaving.map(({ gone }) => gone)]);
  }

  /** One that is wanted again while it leaves is started when it has gone. */
  private async atWork(name: string): Promise<void> {
    if (this.places.get(name)?.isLeaving === true) await this.places.get(name)?.gone;
    await this.places.get(name)?.ready;
  }

  /** kill -9; the worker is started again under its name. */
  async kill(name: string): Promise<void> {
    const place = this.places.get(name);
    place?.child.kill('SIGKILL');
    await place?.gone;
    await this.places.get(name)?.ready;
  }

  private start(name: string): void {
    const child = spawn(process.execPath, [...this.program, name], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    let hasWorked = false;
    const atWork = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        if (!line.endsWith('at work')) return;
        hasWorked = true;
        resolve();
      });
    });
    lines.on('line', this.print);
    child.once('close', () => {
      this.places.delete(name);
      if (hasWorked) this.startIfWanted(name);
      else setTimeout(() => this.startIfWanted(name), RESTART_AFTER);
    });
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    // One that ends before it is at work keeps nothing waiting.
    this.places.set(name, { child, ready: Promise.race([atWork, gone]), gone, isLeaving: false });
  }

  private startIfWanted(name: string): void {
    if (this.wanted.has(name) && !this.places.has(name)) this.start(name);
  }
}
