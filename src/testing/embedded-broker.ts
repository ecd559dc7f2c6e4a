import { Subscription } from 'rxjs';
import { createBroker, type Broker, type BrokerOptions } from '../broker/index.js';
import type { MqttMessage } from '../client/mqtt-message.js';
import { encode } from '../packet/codec.js';
import type { ConnectPacket, PublishPacket } from '../packet/packets.js';
import { type MemoryConnection, memoryPair } from '../transport/memory.js';
import { message } from './message.js';

/** A message that the broker accepted. */
export interface Accepted {
  readonly at: number;
  /** Undefined for a message of the broker itself. */
  readonly clientId: string | undefined;
  readonly message: MqttMessage;
}

/** The broker side of a test. */
export interface Backend {
  /** Opens a connection to the broker and returns our end. `cut` breaks its line. */
  open(cut: () => void): MemoryConnection;
  /** Deletes the session of the client that sends this CONNECT. */
  forgetSession(connect: ConnectPacket): void;
  /** The messages accepted so far. */
  readonly accepted: readonly Accepted[];
  readonly retained: ReadonlyMap<string, MqttMessage>;
  close(): Promise<void>;
}

/** The embedded broker as the backend of a test. Records the messages that it accepts, with the time. */
export class EmbeddedBroker implements Backend {
  readonly broker: Broker;
  readonly accepted: Accepted[] = [];
  readonly retained = new Map<string, MqttMessage>();
  private readonly watching = new Subscription();

  constructor(
    options: BrokerOptions,
    private readonly now: () => number,
  ) {
    // $SYS messages every ten seconds would disturb most tests.
    this.broker = createBroker({ sysInterval: 0, ...options });
    this.watching.add(this.broker.published$.subscribe(({ clientId, message }) => this.note(clientId, message)));
  }

  open(): MemoryConnection {
    const [ours, theirs] = memoryPair('line');
    this.broker.serve(theirs, { listener: 'test' });
    return ours;
  }

  /** Uses the protocol: connects with a clean start, and disconnects. */
  forgetSession(connect: ConnectPacket): void {
    const { protocolVersion, properties } = connect;
    const connection = this.open();
    connection.incoming$.subscribe({ error: () => undefined });
    const clean: ConnectPacket = { ...connect, clean: true, will: undefined };
    if (protocolVersion === 5) clean.properties = { ...properties, sessionExpiryInterval: 0 };
    for (const packet of [clean, { cmd: 'disconnect', reasonCode: 0 } as const]) {
      connection.out.append(encode(packet, protocolVersion));
      connection.commit();
    }
    connection.end();
  }

  close(): Promise<void> {
    this.watching.unsubscribe();
    return this.broker.close();
  }

  private note(clientId: string | undefined, { topic, payload, qos, retain, properties }: PublishPacket): void {
    const copy = message(topic, payload.slice(), { qos, retain, ...(properties && { properties }) });
    this.accepted.push({ at: this.now(), clientId, message: copy });
    if (!retain) return;
    if (payload.length === 0) this.retained.delete(topic);
    else this.retained.set(topic, copy);
  }
}
