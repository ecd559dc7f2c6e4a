import type { Subscription } from 'rxjs';
import { TimeoutError } from '../errors.js';
import { safeTimer } from '../rx/safe-timer.js';
import type { DialStage } from './failures.js';

/** The time limit of each stage of a dial. Default: that of the whole attempt. @inline */
export interface StageTimeouts {
  /** Opening the tunnel through a proxy, including the look-up of its name, in ms. */
  readonly proxy?: number;
  /** Looking up the name and opening the socket, in ms. */
  readonly socket?: number;
  /** The TLS handshake, in ms. */
  readonly tls?: number;
  /** The WebSocket upgrade, from the open socket to the response, in ms. */
  readonly upgrade?: number;
}

const OPTION: Readonly<Record<DialStage, keyof StageTimeouts>> = {
  Proxy: 'proxy',
  TCP: 'socket',
  TLS: 'tls',
  'WebSocket upgrade': 'upgrade',
};

/** Times the stages of one dial, one after the other. */
export class StageDeadline {
  private running: Subscription | undefined;

  constructor(
    private readonly timeouts: StageTimeouts = {},
    private readonly where: string,
    private readonly onLate: (error: TimeoutError) => void,
  ) {}

  enter(stage: DialStage): void {
    this.stop();
    const option = OPTION[stage];
    const ms = this.timeouts[option];
    if (ms === undefined) return;
    this.running = safeTimer(ms).subscribe(() => {
      const why = `${stage} took longer than ${ms} ms; is the broker reachable, and timeouts.${option} long enough?`;
      this.onLate(new TimeoutError(`connecting to ${this.where} failed: ${why}`));
    });
  }

  stop(): void {
    this.running?.unsubscribe();
  }
}
