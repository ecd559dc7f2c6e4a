import type { Observable, ObservableInput } from 'rxjs';
import type { WriteBuffer } from '../packet/write-buffer.js';
import type { StageTimeouts } from './stage-deadline.js';
import type { Flushing } from './writes.js';

/**
 * An open byte stream to a peer, without any knowledge of MQTT.
 *
 * A connection ends with the subscription to the {@link Transport} that opened it: unsent bytes in `out` are dropped
 * and the socket is destroyed. For an orderly close, call {@link end} and wait for `incoming$` to complete.
 */
export interface Connection {
  /**
   * The chunks as they arrive; hot, for one observer. Completes when the peer has closed in order (after {@link end}:
   * when the socket has closed), errors with a `ConnectError` when the line breaks.
   */
  readonly incoming$: Observable<Uint8Array>;
  /** The buffer to encode packets into; {@link commit} sends them. */
  readonly out: WriteBuffer;
  /** Sends the whole packets in `out` with this turn's write. Cheap enough to call for every packet. */
  commit(): void;
  /** The socket has buffered more than its high water mark: stop writing until `drained$` emits. */
  readonly congested: boolean;
  /** Emits each time a congested socket has drained. */
  readonly drained$: Observable<void>;
  /**
   * Flushes, then closes our side; `incoming$` continues until the peer has closed too. A peer that neither closes nor
   * accepts any bytes for two seconds is cut off. Later commits are dropped.
   */
  end(): void;
  /** Pauses reading; calls do not nest. */
  pause(): void;
  /** Resumes reading. */
  resume(): void;
  /** When bytes were last written to the socket: ms of `performance.now()`, or of RxJS's clock in virtual time. */
  readonly lastSent: number;
  /** When bytes last arrived, by the same clock. */
  readonly lastReceived: number;
  /** The other side. */
  readonly peer: PeerInfo;
}

/** An accepted connection. No subscription owns it, so it has a method to destroy it. */
export interface AcceptedConnection extends Connection {
  /** When its socket was accepted, before TLS and upgrade; by the clock of `lastReceived`. */
  readonly acceptedAt?: number;
  /** The upgrade request of a WebSocket, until its owner drops it; other transports have none. */
  upgrade?: UpgradeRequest | undefined;
  /** How many bytes of an incomplete WebSocket message to hold before the connection pauses. Default: no bound. */
  mostHeld?: number;
  /** The bytes travel by TCP, where the other side may hold back small writes until earlier ones are acknowledged. */
  readonly overTcp?: boolean;
  /** Whether our system may hold back small writes (Nagle's algorithm). Turned off, it sends them at once. */
  delay?(isOn: boolean): void;
  /** @internal Has something else written, once: behind what this connection has committed. */
  scheduleFlush?(flushing: Flushing): void;
  /** How many bytes the system has not taken yet; those of a write in progress count until all of it is taken. */
  unsent(): number;
  /**
   * Bytes that the system has yet to take of the write in progress: fewer and fewer while the line is slow and alive.
   */
  inWrite?(): number;
  /** Closes the socket at once and drops its unsent bytes; `incoming$` completes. */
  destroy(): void;
}

/** The upgrade request of a WebSocket client. */
export interface UpgradeRequest {
  /** Path and query. */
  readonly path: string;
  /** The headers, with names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The other side of a connection. */
export interface PeerInfo {
  /** `127.0.0.1:1883`, a socket's path, or undefined if the platform does not tell (browsers). */
  readonly address?: string | undefined;
  /** The peer's certificate, as `node:tls` returns it. */
  readonly certificate?: unknown;
  /** The protocol negotiated by ALPN. */
  readonly alpnProtocol?: string | undefined;
  /** On the server's side: the host name that the TLS client asked for (SNI). */
  readonly servername?: string | undefined;
  /** The negotiated WebSocket sub-protocol. */
  readonly subprotocol?: string | undefined;
}

/** The server to dial, and the options for it. */
export interface ConnectTarget {
  /**
   * The whole URL, such as `wss://broker.example:443/mqtt` or `unix:/run/mqtt.sock`. Its user name and password are for
   * MQTT and are not used in the socket's own handshake.
   */
  readonly url: string;
  /** The client's option `tls`. */
  readonly tls?: TlsOptions | undefined;
  /** The client's option `ws`. */
  readonly ws?: WebSocketOptions | undefined;
  /** The client's option `socket`. */
  readonly socket?: SocketOptions | undefined;
  /** The client's option `timeouts`. */
  readonly timeouts?: StageTimeouts | undefined;
  /** The URL of a proxy, or `'env'` to read the environment. Node only. */
  readonly proxy?: string | undefined;
  /** The sub-protocol that belongs to the protocol version: `mqtt`, or `mqttv3.1` for MQTT 3.1. */
  readonly subprotocol: string;
}

/**
 * Opens one connection per subscription. Emits the open connection once and then stays silent; errors with a
 * `ConnectError` if it cannot be opened. Unsubscribing destroys the socket in any state.
 */
export type Transport = (target: ConnectTarget) => Observable<Connection>;

/** PEM (string or bytes) or DER (bytes, or a base64 string); an array for several. */
export type KeyMaterial = string | Uint8Array | readonly (string | Uint8Array)[];

/** TLS options as in `node:tls`. Ignored in browsers, which have their own TLS. */
export interface TlsOptions {
  /** The certificate authorities to trust. Default: Node's. */
  readonly ca?: KeyMaterial;
  /** The client's certificate chain. The private key may stand in it, too. */
  readonly cert?: KeyMaterial;
  /** The client's private key. */
  readonly key?: KeyMaterial;
  /** A file with certificate authorities to trust, in addition to `ca`. Files are read again at each attempt. */
  readonly caFile?: string;
  /** A folder of files with certificate authorities to trust. */
  readonly caPath?: string;
  /** A file with the client's certificate chain; it may hold the private key, too. */
  readonly certFile?: string;
  /** A file with the client's private key. */
  readonly keyFile?: string;
  /** The result of `tls.createSecureContext`; it replaces all keys, certificates and ciphers, and is used as it is. */
  readonly secureContext?: object;
  /** Key and certificates in one PKCS #12 archive. */
  readonly pfx?: string | Uint8Array;
  /** Decrypts `key` or `pfx`. */
  readonly passphrase?: string;
  /** The server name for SNI and certificate verification. Default: the URL's host, unless it is an IP address. */
  readonly servername?: string;
  /** The protocols to offer by ALPN. Default: none. */
  readonly ALPNProtocols?: readonly string[];
  /** The cipher suites to offer, in the notation of OpenSSL. Default: Node's. */
  readonly ciphers?: string;
  /** The lowest version of TLS. Default: Node's, TLSv1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** The highest version of TLS. Default: Node's, TLSv1.3. */
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Reject certificates that cannot be verified. Default true. */
  readonly rejectUnauthorized?: boolean;
  /** Checks the name in the server's certificate; return an error to reject it. Default: `tls.checkServerIdentity`. */
  readonly checkServerIdentity?: (hostname: string, certificate: never) => Error | undefined;
}

/** Options of WebSocket connections. */
export interface WebSocketOptions {
  /** Headers of the upgrade request. Node only: browsers do not support them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The sub-protocols to offer. Default `mqtt`. */
  readonly protocols?: string | readonly string[];
  /** An `http.Agent` for the upgrade request. Node only. */
  readonly agent?: unknown;
  /** The largest message to read, in bytes. Default 256 MiB, which the largest MQTT packet needs. Node only. */
  readonly maxPayload?: number;
}

/** A server of a service, as `dns.resolveSrv` returns it (RFC 2782). */
export interface SrvRecord {
  /** The host of the server. */
  readonly name: string;
  /** The port of the server. */
  readonly port: number;
  /** Servers with a lower number are tried first. */
  readonly priority: number;
  /** The server's share of the clients, among servers of one priority. */
  readonly weight: number;
}

/** Options of the TCP socket. Node only. */
export interface SocketOptions {
  /** Send small writes at once (TCP_NODELAY). Default true. */
  readonly noDelay?: boolean;
  /** The idle time before the first TCP keep-alive probe, in ms. Default: no probes. */
  readonly keepAliveInitialDelay?: number;
  /** Use IPv4 or IPv6 only. Default: both. */
  readonly family?: 4 | 6;
  /** The local address to connect from. */
  readonly localAddress?: string;
  /**
   * How many bytes the socket may buffer before it counts as congested; at least Node's own mark. Default 512 KiB, 1
   * MiB in browsers.
   */
  readonly highWaterMark?: number;
  /** How long to wait for the peer to close after us while it accepts none of the unsent bytes, in ms. Default 2000. */
  readonly closeTimeout?: number;
  /**
   * Looks up the servers of `mqtt+srv://` and `mqtts+srv://` URLs, given a name like `_mqtt._tcp.example.org`. Default:
   * DNS, by the name servers of the process.
   */
  readonly resolveSrv?: (name: string) => ObservableInput<readonly SrvRecord[]>;
}
