import type { BrokerOptions } from '../../src/broker/broker-options.js';
import { serve } from '../../src/broker/connection/serve.js';
import { openRooms, type Rooms } from '../../src/broker/rooms.js';
import type { PublishPacket } from '../../src/packet/publish-packet.js';
import type { AcceptedConnection } from '../../src/transport/transport.js';

/** The embedded broker without a listener: it serves what it is handed. */
export class InProcessBroker {
  private readonly rooms: Rooms;
  /** Every message that was accepted, in order. */
  readonly published: PublishPacket[] = [];

  constructor(options: BrokerOptions) {
    this.rooms = openRooms(options, () => undefined);
    this.rooms.events.published.subscribe(({ message }) => this.published.push(message));
  }

  serve(connection: AcceptedConnection): void {
    serve(connection, 'in process', this.rooms);
  }

  publish(message: PublishPacket): void {
    this.rooms.dispatcher.publish(message);
  }
}
