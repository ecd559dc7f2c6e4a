import type { PublishPacket } from '../packet/publish-packet.js';

/** Messages that the process publishes before the store is loaded: until then, their subscribers are unknown. */
export class EarlyMessages {
  private waiting: PublishPacket[] | undefined = [];

  constructor(private readonly send: (message: PublishPacket) => void) {}

  publish(message: PublishPacket): void {
    if (this.waiting === undefined) this.send(message);
    else this.waiting.push(message);
  }

  /** The store is loaded. */
  release(): void {
    const { waiting = [] } = this;
    this.waiting = undefined;
    for (const message of waiting) this.send(message);
  }
}
