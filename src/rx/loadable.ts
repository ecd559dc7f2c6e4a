import { catchError, defer, map, type Observable, of } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import { firstWithin } from './first-within.js';

/** A part of the library that few applications use. Where it is not at hand, it is loaded when it is asked for. */
export interface Loadable<T> {
  /** Undefined until it was loaded. */
  readonly loaded: T | undefined;
  /** Emits the part once and completes: at once where it is there. */
  readonly part$: Observable<T>;
}

/** A part that came with the rest. */
export function atHand<T>(part: T): Loadable<T> {
  return { loaded: part, part$: of(part) };
}

/** ms that loading a part may take. */
const PATIENCE = 30_000;

/** A part in a file of its own. `part$` errors with code `NOT_LOADED` when it cannot be had, and may be asked again. */
export class LoadedLater<T> implements Loadable<T> {
  loaded: T | undefined;

  constructor(
    /** What the part is for, as errors tell it. */
    private readonly purpose: string,
    private readonly load: () => Promise<T>,
  ) {}

  readonly part$: Observable<T> = defer(() => (this.loaded === undefined ? this.load() : of(this.loaded))).pipe(
    firstWithin(PATIENCE, () => new Error(`it took longer than ${PATIENCE} ms`)),
    map((part) => (this.loaded = part)),
    catchError((cause: unknown) => {
      throw notLoaded(this.purpose, cause);
    }),
  );
}

function notLoaded(purpose: string, cause: unknown): MqttError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MqttError(
    // In parentheses, because builds for production go without what stands behind a semicolon.
    `the part of rxmqtt for ${purpose} could not be loaded: ${why} (serve all files of the build, or import ` +
      `'rxmqtt/single', which is one file)`,
    { code: ErrorCode.NOT_LOADED, cause },
  );
}
