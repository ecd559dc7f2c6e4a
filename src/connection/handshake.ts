import { Observable, type Subscriber, type Subscription } from 'rxjs';
import { ConnectError, ErrorCode, TimeoutError } from '../errors.js';
import { PacketDecoder, type PacketDecoderOptions } from '../packet/decoder.js';
import { encode, type SentByClient } from '../packet/encode.js';
import type { ConnackPacket, ConnectPacket, Packet } from '../packet/packets.js';
import { safeTimer } from '../rx/safe-timer.js';
import type { Platform } from '../transport/platform.js';
import type { Connection } from '../transport/transport.js';
import type { AliasedLink } from './aliased-link.js';
import { expectConnack } from './expect-connack.js';
import { Link } from './link.js';
import { negotiate } from './negotiated.js';
import { PacketStream } from './packet-stream.js';
import type { PacketTap } from './packet-tap.js';
import { rejectProblemInformation } from './problem-information.js';
import type { StartedAuth } from './start-auth.js';

export interface HandshakeOptions {
  readonly url: string;
  /** The error for first bytes that are another protocol's. */
  readonly foreignProtocol: Platform['foreignProtocol'];
  readonly connect: ConnectPacket;
  /** The largest packet to accept, in bytes. */
  readonly maximumPacketSize: number;
  /** Replaces topics with aliases if the broker allows it; undefined: topics are sent in full. */
  readonly aliased: typeof AliasedLink | undefined;
  /** Provides the first authentication data for CONNECT; undefined without enhanced authentication. */
  readonly auth: StartedAuth | undefined;
  readonly tap: PacketTap;
  /** See `PacketDecoder`. Default: nothing is skipped. */
  readonly skips?: PacketDecoderOptions['skips'];
}

/**
 * Sends CONNECT, answers authentication challenges, and waits for CONNACK. Emits the {@link Link} once, then stays
 * silent; unsubscribing ends the packet stream. Errors with `ConnectError` if the broker refuses or closes, and with
 * `ProtocolError` if it breaks the protocol or authentication fails.
 */
export function handshake(connection: Connection, options: HandshakeOptions): Observable<Link> {
  return new Observable<Link>((subscriber) => {
    const { connect, tap, url, auth, maximumPacketSize, skips } = options;
    const { protocolVersion } = connect;
    const decoder = new PacketDecoder({ protocolVersion, maximumPacketSize, skips });
    const stream = new PacketStream(connection, decoder, tap, (first) => options.foreignProtocol(url, first));
    const send = (packet: SentByClient): void => {
      encode(packet, connection.out, protocolVersion);
      connection.commit();
      tap.traffic.packetsOut++;
      if (tap.packets.observed) tap.packets.next({ direction: 'out', packet });
    };
    const fail = (error: unknown): void => subscriber.error(error);
    const exchange = auth?.exchange({ send, fail });
    const deadline = deadlineOf(auth, subscriber);
    const accept = (connack: ConnackPacket): void => {
      deadline?.unsubscribe();
      const limits = negotiate(connect, connack);
      const LinkClass = limits.topicAliasMaximum > 0 ? (options.aliased ?? Link) : Link;
      const packets$ = stream.packets(closedWithoutDisconnect);
      subscriber.next(new LinkClass(url, connection, connack, limits, packets$, tap));
    };
    const step = (packet: Packet): void => {
      if (packet.cmd === 'auth' && packet.reasonCode === 0x18 && exchange !== undefined) {
        if (connect.properties?.requestProblemInformation === false) rejectProblemInformation(packet);
        return exchange.challenge(packet);
      }
      const connack = expectConnack(packet, connect, url);
      // The packets after CONNACK belong to the link.
      reading.unsubscribe();
      if (exchange === undefined) return accept(connack);
      // The mechanism decides last, possibly asynchronously.
      const verified$ = exchange.finish(connack.properties?.authenticationData);
      subscriber.add(verified$.subscribe({ next: () => accept(connack), error: fail }));
    };
    const reading = stream
      .packets(() => closedBeforeConnack(url))
      .subscribe({
        next(packet) {
          try {
            step(packet);
          } catch (error) {
            fail(error);
          }
        },
        error: fail,
      });
    subscriber.add(reading);
    subscriber.add(tap.traffic.open(connection.out));
    subscriber.add(() => exchange?.stop());
    subscriber.add(deadline);
    subscriber.add(() => stream.close());
    stream.open();
    if (!subscriber.closed) send(connect);
  });
}

function closedBeforeConnack(url: string): ConnectError {
  // What has agreed on TLS is seldom another protocol. AWS IoT, for one, answers a client that it does not know in this
  // way.
  const hint = /^(mqtt|tcp|ws):/.test(url)
    ? 'does it speak MQTT there, and without TLS?'
    : 'does it speak MQTT there, and allow this client identifier and its credentials?';
  return new ConnectError(`the server at ${url} closed the connection before CONNACK; ${hint}`, {
    code: ErrorCode.CONNECTION_LOST,
  });
}

function closedWithoutDisconnect(): ConnectError {
  return new ConnectError('the broker closed the connection without DISCONNECT', { code: ErrorCode.DISCONNECTED });
}

/** The time limit of an authentication mechanism, if it has one. */
function deadlineOf(auth: StartedAuth | undefined, subscriber: Subscriber<Link>): Subscription | undefined {
  if (auth?.mechanism.timeout === undefined) return undefined;
  const { method, timeout } = auth.mechanism;
  return safeTimer(timeout).subscribe(() => {
    subscriber.error(new TimeoutError(`authentication by ${method} took longer than ${timeout} ms`));
  });
}
