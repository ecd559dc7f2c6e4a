import { share } from 'rxjs';
import { PublishError, ProtocolError, SessionLostError, type MqttError } from '../errors.js';
import type { SendLimits } from '../packet/limits.js';
import type { AckCommand, AckPacket } from '../packet/packets.js';
import { reasonCodeName } from '../packet/reason-codes.js';
import { Signal } from '../rx/signal.js';
import { Fifo } from './fifo.js';
import { refusalOf } from './refusal.js';
import { Phase, type Outgoing, type PublishReceipt } from './outgoing.js';
import type { Outbox } from './outbox.js';
import { PacketIds } from './packet-ids.js';

/** The live connection as the sender sees it. */
export interface SendPort {
  readonly limits: SendLimits;
  /** The socket takes no more for now. */
  readonly congested: boolean;
  /** Writes PUBLISH. */
  publish(message: Outgoing, dup: boolean): void;
  /** Writes an acknowledgement. */
  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void;
}

/**
 * What becomes of messages that were sent but not acknowledged when the broker has lost the session.
 * - `'safe'`: QoS 1 is published anew; QoS 2 without PUBREC errors with `SessionLostError`, because sending it anew
 *   could double it.
 * - `'republish'`: both are published anew.
 * - `'fail'`: both error with `SessionLostError`.
 *
 * A QoS 2 exchange past PUBREC counts as delivered with each of them, marked `inDoubt` in its receipt.
 */
export type SessionLostPolicy = 'safe' | 'republish' | 'fail';

const QOS_0_RECEIPT: PublishReceipt = Object.freeze({ packetId: 0, qos: 0, reasonCode: 0 });

/**
 * The sending half of a session: the outbox, the exchanges that are open, and the window that the peer allows.
 * It outlives connections; {@link attach} binds it to one. Client and broker both use it.
 */
export class Sender {
  readonly ids = new PacketIds();
  /** Every exchange without its last acknowledgement, in the order of sending [MQTT-4.6.0-1]. */
  private readonly open = new Map<number, Outgoing>();
  /** Those of them that this connection has not seen yet. */
  private resend = new Fifo<Outgoing>();
  private port: SendPort | undefined;
  private pumping = false;
  /** Acknowledgements that belonged to nothing. */
  strays = 0;

  private readonly settled = new Signal();
  /** Emits after each acknowledgement: a packet identifier is free, and perhaps nothing is left to do. */
  readonly settled$ = this.settled.emitted$.pipe(share());

  constructor(
    readonly outbox: Outbox,
    private readonly onSessionLost: SessionLostPolicy = 'safe',
  ) {}

  /** Exchanges that wait for an acknowledgement. */
  get inFlight(): number {
    return this.open.size;
  }

  /** Nothing waits, and nothing is open. */
  get idle(): boolean {
    return this.open.size === 0 && this.outbox.size === 0;
  }

  /** Takes a message: sends it at once where nothing is ahead of it and the window is open, else it waits. */
  offer(message: Outgoing): void {
    if (this.outbox.size === 0 && this.maySend(message)) this.send(message);
    else this.outbox.offer(message);
  }

  /** Gives up a message. One that was sent finishes its handshake, but nobody hears of it. */
  cancel(message: Outgoing): void {
    if (message.phase === Phase.SETTLED) return;
    if (message.phase <= Phase.QUEUED) this.outbox.cancel(message);
    else message.settlement = undefined;
  }

  /** Binds to a connection. What was open is sent again, or settled as the policy says when the session is gone. */
  attach(port: SendPort, sessionPresent: boolean): void {
    this.port = port;
    this.resend = new Fifo();
    if (sessionPresent) for (const message of this.open.values()) this.resend.push(message);
    else this.loseSession();
    this.pump();
  }

  detach(): void {
    this.port = undefined;
  }

  /** Sends what the window and the socket allow: first what is sent again, then the outbox. */
  pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.sendNext());
    } finally {
      this.pumping = false;
    }
  }

  /** PUBACK, PUBREC or PUBCOMP came in. */
  acknowledged(packet: AckPacket): void {
    const message = this.open.get(packet.packetId);
    switch (packet.cmd) {
      case 'puback':
        if (message === undefined) return this.stray();
        if (message.qos !== 1) throw outOfOrder(packet, 'a QoS 2 message');
        return this.finish(message, packet);
      case 'pubrec':
        return this.received(message, packet);
      case 'pubcomp':
        if (message === undefined) return this.stray();
        if (message.phase !== Phase.RELEASED) throw outOfOrder(packet, 'a message that was not released');
        return this.finish(message, packet);
      default:
        throw outOfOrder(packet, 'the sender');
    }
  }

  /** Settles everything with an error; the client has ended. */
  close(reason: MqttError): void {
    for (const message of this.abandon()) message.fail(reason);
  }

  /** Everything that is open or waits, in order; the sender is detached and forgets it. */
  abandon(): Outgoing[] {
    this.port = undefined;
    const all = [...this.open.values(), ...this.outbox.drain()];
    for (const id of this.open.keys()) this.ids.release(id);
    this.open.clear();
    this.resend = new Fifo();
    return all;
  }

  private received(message: Outgoing | undefined, packet: AckPacket): void {
    if (message === undefined) {
      this.stray();
      // Lets the peer end its half of an exchange that we know nothing of.
      if (packet.reasonCode < 0x80) this.port?.acknowledge('pubrel', packet.packetId, 0x92);
      return;
    }
    if (message.qos !== 2) throw outOfOrder(packet, 'a QoS 1 message');
    if (packet.reasonCode >= 0x80) return this.finish(message, packet);
    message.phase = Phase.RELEASED;
    this.port?.acknowledge('pubrel', packet.packetId, 0);
  }

  private finish(message: Outgoing, packet: AckPacket): void {
    const { packetId, reasonCode, properties } = packet;
    this.open.delete(packetId);
    this.ids.release(packetId);
    // 0x92 in PUBCOMP is not an error: the peer had finished the exchange before.
    if (reasonCode < 0x80 || packet.cmd === 'pubcomp') {
      message.succeed({ packetId, qos: message.qos, reasonCode, properties });
    } else {
      message.fail(
        new PublishError(`publish to "${message.topic}" was refused by the broker: ${reasonCodeName(reasonCode)}`, {
          reasonCode,
        }),
      );
    }
    this.pump();
    this.settled.emit();
  }

  private sendNext(): boolean {
    const { port } = this;
    if (port === undefined || port.congested) return false;
    const again = this.resend.peek();
    if (again !== undefined) {
      if (again.phase === Phase.SETTLED) return this.resend.shift() !== undefined;
      if (!this.windowIsOpen(port)) return false;
      this.resend.shift();
      this.sendAgain(again, port);
      return true;
    }
    const head = this.outbox.peek();
    if (head === undefined || !this.maySend(head)) return false;
    this.outbox.shift();
    this.send(head);
    return true;
  }

  /** QoS 0 passes a full window, but nothing passes what is sent again. */
  private maySend(message: Outgoing): boolean {
    const { port } = this;
    if (port === undefined || port.congested || this.resend.size > 0) return false;
    return message.qos === 0 || (this.windowIsOpen(port) && this.ids.size < 65535);
  }

  /** What counts against the window is derived, never counted beside: open exchanges that this connection has seen. */
  private windowIsOpen(port: SendPort): boolean {
    return this.open.size - this.resend.size < port.limits.receiveMaximum;
  }

  private send(message: Outgoing): void {
    const { port } = this;
    if (port === undefined) return;
    const refusal = refusalOf(message, port.limits);
    if (refusal !== undefined) return message.fail(refusal);
    if (message.qos === 0) {
      port.publish(message, false);
      return message.succeed(QOS_0_RECEIPT);
    }
    message.packetId = this.ids.take();
    message.phase = Phase.PUBLISHED;
    this.open.set(message.packetId, message);
    port.publish(message, false);
  }

  private sendAgain(message: Outgoing, port: SendPort): void {
    if (message.phase === Phase.RELEASED) return port.acknowledge('pubrel', message.packetId, 0);
    const refusal = refusalOf(message, port.limits);
    if (refusal === undefined) return port.publish(message, true);
    this.open.delete(message.packetId);
    this.ids.release(message.packetId);
    message.fail(refusal);
  }

  private loseSession(): void {
    const lost = [...this.open.values()];
    for (const id of this.open.keys()) this.ids.release(id);
    this.open.clear();
    const anew = lost.filter((message) => this.mayPublishAnew(message));
    for (const message of anew) {
      message.packetId = 0;
      message.phase = Phase.QUEUED;
    }
    this.outbox.putBack(anew);
    // Only now, because whoever hears of it may publish, and belongs behind what was put back.
    for (const message of lost) {
      if (message.phase === Phase.RELEASED) {
        message.succeed({ packetId: message.packetId, qos: message.qos, reasonCode: 0, inDoubt: true });
      } else if (message.phase === Phase.PUBLISHED) {
        message.fail(inDoubt(message));
      }
    }
  }

  private mayPublishAnew(message: Outgoing): boolean {
    if (message.phase !== Phase.PUBLISHED || this.onSessionLost === 'fail') return false;
    return this.onSessionLost === 'republish' || message.qos === 1;
  }

  private stray(): void {
    this.strays++;
  }
}

function outOfOrder(packet: AckPacket, what: string): ProtocolError {
  return new ProtocolError(`the peer sent ${packet.cmd.toUpperCase()} ${packet.packetId} for ${what}`, {
    reasonCode: 0x82,
  });
}

function inDoubt(message: Outgoing): SessionLostError {
  return new SessionLostError(
    `publish to "${message.topic}" is in doubt: the broker lost the session before it acknowledged the message; ` +
      `publish it again if a second copy does no harm`,
    { inDoubt: true },
  );
}
