import type { PublishPacket } from '../../src/packet/publish-packet.js';
import { BrokerCore } from '../../src/broker/broker-core.js';
import type { BrokerOptions } from '../../src/broker/broker-options.js';
import { serveClient } from '../../src/broker/serve-client.js';
import type { AcceptedConnection } from '../../src/transport/transport.js';

/** The embedded broker without a listener: it serves what it is handed. */
export class InProcessBroker {
  private readonly core: BrokerCore;
  /** Every message that was accepted, in order. */
  readonly published: PublishPacket[] = [];

  constructor(options: BrokerOptions) {
    this.core = new BrokerCore(options);
    this.core.published.subscribe(({ message }) => this.published.push(message));
  }

  serve(connection: AcceptedConnection): void {
    serveClient(connection, 'in process', this.core).subscribe();
  }

  publish(message: PublishPacket): void {
    this.core.publish(message, undefined);
  }
}
