import { Subscription } from 'rxjs';
import { ConnectError } from '../errors.js';
import { createDecoder, encode } from '../packet/codec.js';
import type { PacketDecoder } from '../packet/decoder.js';
import type { ConnectPacket, Packet, ProtocolVersion } from '../packet/packets.js';
import { elapsed } from '../rx/clock.js';
import { MemoryConnection } from '../transport/memory.js';
import type { AcceptedConnection } from '../transport/transport.js';
import { Framer } from './framer.js';
import { Lane } from './lane.js';
import { readPacket, write } from './packet-bytes.js';
import { effectOf, sendWithFault } from './send-with-fault.js';
import type { ClientLine, LineConnection, Refusal } from './test-line.js';
import type { FaultEffect } from './wire-log.js';

/** The broker side of a relay. */
export interface RelayPort {
  /** The line of the client that sends this CONNECT. */
  lineOf(connect: ConnectPacket): ClientLine;
  /** Connects to the broker, and returns our end. */
  openConnection(relay: Relay): MemoryConnection;
  /** Makes the broker forget the session of the client that is about to connect. */
  forgetSession(connect: ConnectPacket): void;
  closed(relay: Relay): void;
}

/**
 * Relays one connection of a client, and applies the faults of its line. Packets of both directions are decoded for the
 * log and the faults, and passed on as their original bytes.
 */
export class Relay implements LineConnection {
  /** The client's line, once CONNECT has named it. */
  clientId: string | undefined;
  /** Whether its client was known before CONNECT. */
  readonly isNamed: boolean;
  private far: MemoryConnection | undefined;
  private version: ProtocolVersion = 5;
  private readonly toBroker = new Lane(
    () => this.latency,
    // The client's own writes wait in its socket, too.
    () => Math.max(this.frozenUntil, this.congestedUntil),
  );
  private readonly toClient = new Lane(
    () => this.latency,
    () => this.frozenUntil,
  );
  private fromClient = createDecoder({ receiver: 'server' });
  private fromBroker: PacketDecoder | undefined;
  private readonly readings = new Subscription();
  /** The client's socket is full until this moment. */
  private congestedUntil = -Infinity;
  /** The broker has ended the connection, and no longer reads. */
  private isClosed = false;
  private isOver = false;

  constructor(
    /** Our end of the client's connection. */
    private readonly near: AcceptedConnection,
    private readonly port: RelayPort,
    /** The client's own end, if it is in this process. */
    private readonly client?: MemoryConnection,
    private line?: ClientLine,
  ) {
    this.isNamed = line !== undefined;
    if (line !== undefined) line.connection = this;
    const framer = new Framer();
    const end = (): void => this.clientLeft();
    this.readings.add(
      near.incoming$.subscribe({
        next: (chunk) => framer.push(chunk).forEach((frame) => this.fromClientSide(frame)),
        error: end,
        complete: end,
      }),
    );
  }

  private get latency(): number {
    return this.line?.latency ?? 0;
  }

  private get frozenUntil(): number {
    return this.line?.frozenUntil ?? -Infinity;
  }

  cut(): void {
    const { near, far } = this;
    const failure = new ConnectError('the line to the broker broke; the test has cut it');
    this.toBroker.lose();
    this.toClient.lose();
    this.over();
    if (near instanceof MemoryConnection) near.fail(failure);
    else near.destroy();
    far?.fail(failure);
  }

  close(reasonCode: number, serverReference?: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.toBroker.lose();
    if (this.version === 5) {
      const properties = serverReference === undefined ? undefined : { serverReference };
      this.send({ cmd: 'disconnect', reasonCode, properties });
    }
    this.far?.end();
    this.toClient.send(() => this.endNear());
  }

  congest(until: number): void {
    this.congestedUntil = until === -Infinity ? until : Math.max(this.congestedUntil, until);
    this.client?.setCongested(elapsed() < this.congestedUntil);
  }

  pump(): void {
    if (this.isOver) return;
    this.toBroker.pump();
    this.toClient.pump();
    if (this.congestedUntil === -Infinity || elapsed() < this.congestedUntil) return;
    this.congestedUntil = -Infinity;
    this.client?.setCongested(false);
  }

  /** Sends a packet to the client in the broker's name. */
  send(packet: Packet): void {
    const bytes = encode(packet, this.version);
    this.toClient.send(
      () => this.deliver(packet, bytes),
      () => this.line?.log.packet('<', packet, 'lost'),
    );
  }

  /** Destroys both ends, at the end of a test. */
  destroy(): void {
    const { near, far } = this;
    this.over();
    near.destroy();
    far?.destroy();
  }

  private fromClientSide(bytes: Uint8Array): void {
    if (this.isOver) return;
    const packet = readPacket(this.fromClient, bytes);
    if (packet?.cmd === 'connect') {
      this.version = packet.protocolVersion;
      this.clientId = packet.clientId;
      if (this.line === undefined) {
        const line = this.port.lineOf(packet);
        if (line.isDown()) {
          line.log.refused();
          return this.cut();
        }
        this.line = line;
        line.connection = this;
      }
    } else if (packet === undefined) {
      this.fromClient = createDecoder({ receiver: 'server', protocolVersion: this.version });
    }
    const { line } = this;
    const fault = packet && line?.faults.take(packet, '>');
    const lose = line?.log.packet('>', packet, this.isClosed ? 'lost' : effectOf(fault));
    if (this.isClosed) return;
    if (packet?.cmd === 'connect' && fault === undefined) {
      const refusal = line?.nextRefusal();
      if (refusal !== undefined) return this.refuse(refusal);
    }
    const arrive = (intact: Uint8Array): void => {
      if (packet?.cmd === 'connect' && line?.forgetsSession() === true) this.port.forgetSession(packet);
      write((this.far ??= this.openFar()), intact, line?.pieces);
    };
    sendWithFault(this.toBroker, fault, bytes, arrive, lose);
  }

  private fromBrokerSide(bytes: Uint8Array): void {
    const packet = readPacket((this.fromBroker ??= createDecoder({ protocolVersion: this.version })), bytes);
    if (packet === undefined) this.fromBroker = undefined;
    const fault = packet && this.line?.faults.take(packet, '<');
    if (fault?.kind === 'drop') this.line?.log.packet('<', packet, 'lost');
    const arrive = (intact: Uint8Array): void => {
      // Received packets need no note of a delay or a duplicate: the log shows the time, and the packet twice.
      this.deliver(packet, intact, fault?.kind === 'corrupt' ? 'corrupted' : undefined);
    };
    sendWithFault(this.toClient, fault, bytes, arrive, () => this.line?.log.packet('<', packet, 'lost'));
  }

  private deliver(packet: Packet | undefined, bytes: Uint8Array, effect?: FaultEffect): void {
    this.line?.log.packet('<', packet, effect);
    write(this.near, bytes, this.line?.pieces);
  }

  private refuse({ reasonCode, serverReference }: Refusal): void {
    const properties = serverReference === undefined ? undefined : { serverReference };
    this.toBroker.send(() => {
      this.send({ cmd: 'connack', sessionPresent: false, reasonCode, properties });
      this.toClient.send(() => this.endNear());
    });
  }

  /** Connects to the broker when the first bytes arrive there. */
  private openFar(): MemoryConnection {
    const far = this.port.openConnection(this);
    const framer = new Framer();
    const end = (): void => this.toClient.send(() => this.endNear());
    this.readings.add(
      far.incoming$.subscribe({
        next: (chunk) => framer.push(chunk).forEach((frame) => this.fromBrokerSide(frame)),
        error: end,
        complete: end,
      }),
    );
    return far;
  }

  private clientLeft(): void {
    if (this.isOver) return;
    this.line?.log.closed();
    this.leave();
    this.toClient.clear();
    this.toBroker.send(() => {
      this.over();
      this.far?.end();
    });
  }

  private endNear(): void {
    if (this.isOver) return;
    const { near, far } = this;
    this.over();
    near.end();
    far?.destroy();
  }

  private leave(): void {
    if (this.line?.connection === this) this.line.connection = undefined;
  }

  /** Stops relaying. */
  private over(): void {
    if (this.isOver) return;
    if (this.line?.connection === this) this.line.log.closed();
    this.isOver = true;
    this.leave();
    this.toBroker.clear();
    this.toClient.clear();
    this.readings.unsubscribe();
    this.port.closed(this);
  }
}
