import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Place {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly gone: Promise<void>;
  isLeaving: boolean;
}

/** Keeps so many worker processes running as it is told, each under a name of its own that comes back. */
export class Pool {
  private readonly places = new Map<string, Place>();

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly print: (line: string) => void = console.log,
    /** What Node runs; the name of the worker follows. */
    private readonly program: readonly string[] = ['--import', 'tsx', 'examples/workers/main.ts'],
  ) {}

  /** Starts workers, or lets the last ones leave; settles when the new ones are at work and the old ones have gone. */
  async scale(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, at) => `worker-${at + 1}`);
    const leaving = [...this.places].filter(([name]) => !names.includes(name));
    for (const [, place] of leaving) {
      place.isLeaving = true;
      place.child.kill('SIGTERM');
    }
    for (const name of names) if (!this.places.has(name)) this.start(name);
    await Promise.all([...this.places.values()].filter(({ isLeaving }) => !isLeaving).map(({ ready }) => ready));
    await Promise.all(leaving.map(([, { gone }]) => gone));
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
    const place: Place = {
      child,
      ready: new Promise((resolve) => lines.on('line', (line) => line.endsWith('at work') && resolve())),
      gone: new Promise((resolve) => child.once('close', () => resolve())),
      isLeaving: false,
    };
    lines.on('line', this.print);
    this.places.set(name, place);
    child.once('close', () => {
      this.places.delete(name);
      if (!place.isLeaving) this.start(name);
    });
  }
}
