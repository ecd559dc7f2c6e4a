import { Subscription, type Observer } from 'rxjs';
import { MqttError, ProtocolError } from '../../errors.js';
import type { Packet } from '../../packet/packets.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { ServerDecoder } from '../../packet/server-decoder.js';
import { afterElapsed, elapsed } from '../../rx/clock.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import { admit } from './admission.js';
import type { BrokerContext } from './broker-context.js';
import { refuse } from './connack.js';
import type { WriterOwner } from './client-writer.js';
import type { ConnectRequest } from './connect-request.js';
import type { Client } from './connected-client.js';
import { handlePacket } from './handle-packet.js';
import { kindOf } from './disconnect-kind.js';
import { watchKeepAlive } from './keep-alive.js';
import { watchExpiry } from './watch-expiry.js';
import type { ConnectionPolicy } from './listener-policy.js';
import { PacketQueue } from './packet-queue.js';
import { type Flow, Pause, ReadGate } from './read-gate.js';
import { readConnect, refuseUnreadable } from './read-connect.js';
import { DISCONNECT_REASONS, shorten } from './reason-strings.js';
import { Refused } from './refused.js';
import { reportRefused } from './report-refused.js';
import { Turn, type TurnOwner } from './turn.js';

/** The type of CONNECT in its first byte; MQTT 3.1 leaves the rest of that open. */
const CONNECT = 0x10;

const NOTHING = new Uint8Array(0);

/** Bytes of an incomplete packet behind a CONNECT that is being decided; AUTH, the only one then, is smaller. */
const MOST_UNADMITTED = 128 * 1024;

/**
 * One client from its first byte to its last: CONNECT in time, admission, then its packets. The subscription closes
 * when the socket has closed, whatever the client does; unsubscribing destroys the socket.
 *
 * @param listener - the address that accepted the connection.
 */
export function serve(
  connection: AcceptedConnection,
  listener: string,
  broker: BrokerContext,
  policy: ConnectionPolicy,
): Subscription {
  const served = new ServedConnection(connection, listener, broker, policy);
  served.start();
  return served.life;
}

/**
 * There are thousands of these at a time, most of them idle: one plain observer takes a fraction of the memory of a
 * chain of operators.
 */
class ServedConnection implements Observer<Uint8Array>, TurnOwner, WriterOwner, Flow {
  /** Ends when the socket has closed. */
  readonly life = new Subscription();
  /** Ends when the client needs no more work. */
  private readonly work = new Subscription();
  // The client announces its version; until then, refusals are written in 3.1.1.
  private readonly decoder: ServerDecoder;
  private readonly gate: ReadGate;
  private readonly turn = new Turn(this);
  private readonly emit = (packet: Packet): void => {
    this.onPacket(packet);
    if (this.turn.endsWith(packet)) this.decoder.hold();
  };
  /** Set while its CONNECT is being answered. */
  private request: ConnectRequest | undefined = undefined;
  private client: Client | undefined = undefined;
  private connectTimer: Subscription | undefined = undefined;
  /** A fault behind a CONNECT that is still being answered. */
  private failure: unknown = undefined;
  /** The first bytes, which tell the version of a CONNECT that cannot be read. */
  private head: Uint8Array | undefined = undefined;
  /** The line has closed in order, behind packets that wait for the next turn. */
  private completed = false;

  constructor(
    readonly connection: AcceptedConnection,
    readonly listener: string,
    private readonly broker: BrokerContext,
    private readonly policy: ConnectionPolicy,
  ) {
    const { connectSize, filters, packetSize } = broker.limits;
    this.gate = new ReadGate(this);
    this.decoder = new ServerDecoder({
      protocolVersion: 4,
      maximumPacketSize: packetSize,
      connectSize,
      mostFilters: filters,
    });
  }

  start(): void {
    const { life, work, connection } = this;
    life.add(() => {
      work.unsubscribe();
      connection.destroy();
    });
    const waited = elapsed() - (connection.acceptedAt ?? elapsed());
    const left = Math.max(0, this.broker.limits.connectTimeout - waited);
    this.connectTimer = afterElapsed(left, () => this.onLate());
    work.add(this.connectTimer);
    // A chunk may hold the end of one message and the beginning of the next.
    connection.mostHeld = this.decoder.largestConnect + MOST_UNADMITTED;
    work.add(() => {
      this.decoder.stop();
      this.turn.stop();
    });
    work.add(connection.incoming$.subscribe(this));
  }

  next(bytes: Uint8Array): void {
    // The first byte tells what it is: nothing else is worth keeping.
    if (this.head === undefined) {
      if (bytes.length === 0) return;
      if (((bytes[0] as number) & 0xf0) !== CONNECT) return this.close();
      this.head = bytes.slice(0, 16);
    }
    this.turn.begin(this.connection.lastReceived);
    this.client?.writer.heard();
    try {
      this.decoder.decode(bytes, this.emit);
      this.turn.end(bytes.length);
      if (this.decoder.isOnHold) this.gate.close(Pause.TURN);
      // A client need not wait for CONNACK, but what it sends before is not kept without end.
      if (this.request !== undefined && this.decoder.buffered > MOST_UNADMITTED) this.gate.close(Pause.ADMISSION);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The other connections had their turn. */
  nextTurn(): void {
    if (this.decoder.isOnHold) this.gate.open(Pause.TURN);
  }

  pause(): void {
    this.connection.pause();
  }

  /**
   * Nothing stops the reading any more: goes on with the packets that wait, which may be megabytes of one WebSocket
   * message, then with the connection.
   */
  resume(): void {
    if (this.decoder.isOnHold) {
      this.turn.begin(elapsed());
      try {
        this.decoder.proceed(this.emit);
        this.turn.end(Infinity);
      } catch (error) {
        this.fail(error);
      }
      if (this.decoder.isOnHold) return this.gate.close(Pause.TURN);
      if (this.completed) this.complete();
    }
    this.connection.resume();
  }

  private fail(error: unknown): void {
    if (this.client !== undefined) return this.end(error);
    if (this.request !== undefined) {
      this.failure = error;
      return;
    }
    if (error instanceof ProtocolError) {
      const why = new Refused(error.reasonCode, error.message);
      reportRefused(this.broker.events, this, { clientId: undefined }, why);
      refuseUnreadable(this.connection, this.head ?? NOTHING, error.reasonCode);
    }
    this.close();
  }

  error(reason: unknown): void {
    if (this.client === undefined) this.close();
    else this.end(reason);
  }

  complete(): void {
    this.completed = true;
    if (this.decoder.isOnHold) return;
    this.request?.packets.end();
    this.close();
  }

  onDisconnect(reason: MqttError): void {
    this.end(reason);
  }

  onDrained(): void {
    this.client?.session.drained();
  }

  private onPacket(packet: Packet): void {
    if (this.client !== undefined) return this.handle(this.client, packet);
    if (this.request !== undefined) return this.request.packets.next(packet);
    this.onFirst(packet);
  }

  /** Apart from {@link onPacket}: its closure would take memory with each packet. */
  private onFirst(packet: Packet): void {
    const { connection, listener, policy, broker, gate, work } = this;
    const connect = readConnect(packet);
    this.request = { connection, listener, policy, connect, packets: new PacketQueue(gate), gate };
    work.add(admit(this.request, broker, this, work).subscribe((client) => this.onAdmitted(client)));
  }

  /** There was no CONNECT in time, or no decision about it. */
  private onLate(): void {
    if (this.request !== undefined) {
      const { connection, connect } = this.request;
      const late = new Refused(ReasonCode.SERVER_UNAVAILABLE, 'it was not decided within limits.connectTimeout');
      this.broker.counters.refused++;
      reportRefused(this.broker.events, this.request, connect, late);
      refuse(connection, connect.protocolVersion, late.reasonCode, connect);
    }
    this.close();
  }

  /** The CONNECT was answered; without a client, it was refused. */
  private onAdmitted(client: Client | undefined): void {
    const { request, connectTimer, work, connection } = this;
    this.request = undefined;
    this.connectTimer = undefined;
    if (connectTimer !== undefined) work.remove(connectTimer);
    connectTimer?.unsubscribe();
    if (client === undefined) return this.close();
    connection.mostHeld = Infinity;
    if (connection.upgrade !== undefined) connection.upgrade = undefined;
    // The time for CONNECT and its hooks does not count as the client's.
    this.turn.restart();
    this.head = NOTHING;
    this.register(client);
    const waiting = request?.packets.take() ?? [];
    for (const packet of waiting) {
      if (work.closed) return;
      this.handle(client, packet);
    }
    if (this.failure !== undefined) this.end(this.failure);
    else this.gate.open(Pause.ADMISSION);
  }

  private register(client: Client): void {
    const { broker, work } = this;
    this.client = client;
    work.add(() => {
      client.writer.stop();
      this.unregister(client);
    });
    if (client.keepalive > 0) work.add(watchKeepAlive(client, (reason) => this.end(reason)));
    watchExpiry(client);
    broker.clients.set(client.clientId, client);
    broker.sessions.attach(client.session, client.writer);
    broker.events.connected.next(client);
  }

  private unregister(client: Client): void {
    const { broker } = this;
    if (broker.clients.get(client.clientId) === client) broker.clients.delete(client.clientId);
    broker.sessions.release(client.session, client.writer, client.will, client.will && client.description);
    broker.events.disconnected.next({ client, how: client.how, reasonCode: client.endCode });
  }

  private handle(client: Client, packet: Packet): void {
    try {
      handlePacket(packet, client, this.broker, this);
    } catch (error) {
      this.end(error);
    }
  }

  /** Tells the client the reason, where the protocol allows it [MQTT-4.13.1-1], and closes. */
  end(error: unknown): void {
    const { client, broker } = this;
    if (client === undefined || this.work.closed) return;
    if (error instanceof ProtocolError) broker.counters.protocolErrors++;
    const code = error instanceof MqttError ? (error.reasonCode ?? 0) : ReasonCode.UNSPECIFIED_ERROR;
    client.endCode = code;
    client.how = kindOf(error, code);
    client.writer.end(code, error instanceof ProtocolError ? shorten(error.message) : DISCONNECT_REASONS.get(code));
    this.close();
  }

  /** Stops working for the client; the subscription closes once the other side has closed as well. */
  close(): void {
    const { work, connection, life } = this;
    if (work.closed) return;
    work.unsubscribe();
    connection.end();
    const over = (): void => life.unsubscribe();
    life.add(connection.incoming$.subscribe({ error: over, complete: over }));
  }
}
