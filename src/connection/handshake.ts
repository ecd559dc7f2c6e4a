import { map, Observable, type Subscriber, type Subscription, timer } from 'rxjs';
import { ConnectError, ErrorCode, type MqttError, ProtocolError, TimeoutError } from '../errors.js';
import { PacketDecoder } from '../packet/decoder.js';
import { encode, type SentByClient } from '../packet/encode.js';
import type { ConnackPacket, ConnectPacket, DisconnectPacket, Packet } from '../packet/packets.js';
import { ConnectReturnCode, reasonCodeName } from '../packet/reason-codes.js';
import type { Connection } from '../transport/transport.js';
import type { AliasedLink } from './aliased-link.js';
import type { AuthExchange } from './auth-exchange.js';
import type { StartedAuth } from './start-auth.js';
import { decode } from './decode.js';
import { Link } from './link.js';
import { negotiate } from './negotiated.js';
import type { PacketTap } from './packet-tap.js';
import type { Traffic } from './traffic.js';
import { requireSilence } from './problem-information.js';

export interface HandshakeOptions {
  readonly url: string;
  readonly connect: ConnectPacket;
  /** Bytes of the largest packet that is read. */
  readonly maximumPacketSize: number;
  /** Lets topic aliases stand for topics, where the broker takes them; undefined: they go out in full. */
  readonly aliased: typeof AliasedLink | undefined;
  /** Whose first data CONNECT carries; undefined where it names no authentication method. */
  readonly auth: StartedAuth | undefined;
  readonly tap: PacketTap;
}

/**
 * Sends CONNECT, answers the broker's challenges where there is an authentication mechanism, and waits for CONNACK.
 * Emits the {@link Link} once; from then on the packets are the link's. Errors with `ConnectError` when the broker
 * refuses or hangs up, and with `ProtocolError` when it answers out of order or fails to authenticate.
 */
export function handshake(connection: Connection, options: HandshakeOptions): Observable<Link> {
  return new Observable<Link>((subscriber) => {
    const { connect, tap, url, auth } = options;
    const decoder = new PacketDecoder({
      protocolVersion: connect.protocolVersion,
      maximumPacketSize: options.maximumPacketSize,
    });
    /** Who takes the packets once the broker has accepted. */
    let taker: Subscriber<Packet> | undefined;
    /** What came behind CONNACK while the mechanism looks at it. */
    let held: Packet[] | undefined;
    const packets$ = new Observable<Packet>((packets) => {
      taker = packets;
    });
    const send = (packet: SentByClient): void => {
      encode(packet, connection.out, connect.protocolVersion);
      connection.commit();
      tap.traffic.packetsOut++;
      if (tap.observed) tap.show('out', packet);
    };
    const accept = (connack: ConnackPacket): void => {
      const limits = negotiate(connect, connack);
      const LinkClass = limits.topicAliasMaximum > 0 ? (options.aliased ?? Link) : Link;
      subscriber.next(new LinkClass(url, connection, connack, limits, packets$, tap));
    };
    const exchange = auth?.exchange({ send, fail: (error) => subscriber.error(error) });

    const { traffic } = tap;
    subscriber.add(traffic.open(connection.out));
    subscriber.add(() => exchange?.stop());
    const deadline =
      auth?.mechanism.timeout === undefined
        ? undefined
        : deadlineOf(auth.mechanism.method, auth.mechanism.timeout, subscriber);
    subscriber.add(deadline);

    /** The mechanism has the last word, and may take its time. */
    const verify = (connack: ConnackPacket, running: AuthExchange): void => {
      const waiting: Packet[] = [];
      held = waiting;
      connection.pause();
      subscriber.add(
        running.finish(connack.properties?.authenticationData).subscribe({
          next() {
            deadline?.unsubscribe();
            held = undefined;
            accept(connack);
            for (const packet of waiting) taker?.next(packet);
            connection.resume();
          },
          error: (error) => subscriber.error(error),
        }),
      );
    };

    const step = (packet: Packet): void => {
      if (packet.cmd === 'auth' && packet.reasonCode === 0x18 && exchange !== undefined) {
        if (connect.properties?.requestProblemInformation === false) requireSilence(packet);
        return exchange.challenge(packet);
      }
      const connack = expectConnack(packet, connect);
      if (exchange === undefined) accept(connack);
      else verify(connack, exchange);
    };

    subscriber.add(
      connection.incoming$.pipe(counted(traffic), decode(decoder)).subscribe({
        next(packet) {
          traffic.packetsIn++;
          if (tap.observed) tap.show('in', packet);
          if (taker !== undefined) return taker.next(packet);
          if (held !== undefined) {
            held.push(packet);
            return;
          }
          try {
            step(packet);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error(error: MqttError) {
          (taker ?? subscriber).error(error);
        },
        complete() {
          const when = taker === undefined ? 'before CONNACK' : 'without DISCONNECT';
          const options = { code: taker === undefined ? ErrorCode.CONNECTION_LOST : ErrorCode.DISCONNECTED };
          (taker ?? subscriber).error(new ConnectError(`the broker closed the connection ${when}`, options));
        },
      }),
    );
    if (subscriber.closed) return;
    send(connect);
  });
}

const counted = (traffic: Traffic) =>
  map((chunk: Uint8Array) => {
    traffic.bytesIn += chunk.length;
    return chunk;
  });

function deadlineOf(method: string, ms: number, subscriber: Subscriber<Link>): Subscription {
  return timer(ms).subscribe(() => {
    subscriber.error(new TimeoutError(`authentication by ${method} took longer than ${ms} ms`));
  });
}

/** The first packet must be a CONNACK that accepts [MQTT-3.2.0-1] and that fits what was asked. */
function expectConnack(packet: Packet, connect: ConnectPacket): ConnackPacket {
  if (packet.cmd === 'disconnect') throw disconnected(packet);
  if (packet.cmd !== 'connack') {
    throw new ProtocolError(`the broker sent ${packet.cmd.toUpperCase()} before CONNACK`, { reasonCode: 0x82 });
  }
  if (packet.reasonCode !== 0) throw refused(packet, connect);
  if (packet.sessionPresent && connect.clean) {
    throw new ProtocolError('the broker continued a session after a clean start', { reasonCode: 0x82 });
  }
  if (connect.protocolVersion === 5) {
    if (connect.clientId === '' && packet.properties?.assignedClientIdentifier === undefined) {
      throw new ProtocolError('the broker assigned no client identifier', { reasonCode: 0x82 });
    }
    if (packet.properties?.authenticationMethod !== connect.properties?.authenticationMethod) {
      throw new ProtocolError('CONNACK names another authentication method than CONNECT', { reasonCode: 0x82 });
    }
  }
  return packet;
}

function refused(connack: ConnackPacket, connect: ConnectPacket): ConnectError {
  const { reasonCode, properties } = connack;
  const name = connect.protocolVersion === 5 ? reasonCodeName(reasonCode) : returnCodeName(reasonCode);
  return new ConnectError(
    `the broker refused the connection of client "${connect.clientId}": ${name}${said(properties?.reasonString)}`,
    { code: ErrorCode.CONNECTION_REFUSED, reasonCode, serverReference: properties?.serverReference },
  );
}

/** The broker ended the connection, and says why. */
export function disconnected(packet: DisconnectPacket): ConnectError {
  const { reasonCode, properties } = packet;
  return new ConnectError(
    `the broker ended the connection: ${reasonCodeName(reasonCode)}${said(properties?.reasonString)}`,
    { code: ErrorCode.DISCONNECTED, reasonCode, serverReference: properties?.serverReference },
  );
}

const said = (reason: string | undefined): string => (reason === undefined ? '' : ` ("${reason}")`);

/** The return codes of 3.1.1 have names of their own. */
function returnCodeName(code: number): string {
  const known = Object.entries(ConnectReturnCode).find(([, value]) => value === code);
  return known?.[0] ?? `return code ${code}`;
}
