import type { MqttError } from '../errors.js';
import { report } from '../rx/report.js';

/** Receives messages about the connection of a client; `console` is one. */
export interface Log {
  /** Each attempt to connect. */
  readonly debug?: (text: string) => void;
  /** Connections, and changes of the protocol version. */
  readonly info?: (text: string) => void;
  /** Failed attempts, lost connections, and faults. */
  readonly warn?: (text: string) => void;
  /** The failure that ends the client. */
  readonly error?: (text: string) => void;
}

/**
 * Writes the log of a client. Without the option `log`, that is one warning at the first attempt that fails while the
 * application does not watch the state, because a program that cannot reach its broker must not be silent.
 */
export class ClientLog {
  private hasWarned = false;

  constructor(
    private readonly log: false | Log | undefined,
    /** Whether the application observes the state. */
    private readonly isWatched: () => boolean,
  ) {}

  debug(text: string): void {
    this.tell('debug', text);
  }

  info(text: string): void {
    this.tell('info', text);
  }

  warn(text: string): void {
    this.tell('warn', text);
  }

  /** The client has ended for good. */
  ended({ message }: MqttError): void {
    this.tell('error', `the client has ended for good: ${message}`);
  }

  /** An attempt failed before CONNACK accepted it. */
  attemptFailed(error: MqttError): void {
    if (this.log !== undefined) return this.warn(error.message);
    if (this.hasWarned || this.isWatched()) return;
    this.hasWarned = true;
    console.warn(`rxmqtt: ${error.message} (logged once; observe state$ for more, or set the option log)`);
  }

  private tell(level: keyof Log, text: string): void {
    if (this.log === undefined || this.log === false) return;
    try {
      this.log[level]?.(text);
    } catch (error) {
      report(error);
    }
  }
}
