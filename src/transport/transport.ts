import type { Observable } from 'rxjs';
import type { WriteBuffer } from '../packet/write-buffer.js';
import type { StageTimeouts } from './stage-deadline.js';

/**
 * An open byte stream to a peer. It knows no MQTT: bytes come in, bytes go out.
 *
 * A connection belongs to whoever subscribed to the {@link Transport} that opened it, and ends when that subscription
 * does: what is still in `out` is dropped and the socket is destroyed. To part in order, call {@link end} and wait for
 * `incoming$` to complete.
 */
export interface Connection {
  /**
   * The chunks as they arrive, hot, for one observer. Completes when the peer has closed in order (or after
   * {@link end}, when the socket has closed), errors with a `ConnectError` when the line broke.
   */
  readonly incoming$: Observable<Uint8Array>;
  /** Packets are encoded into this; {@link commit} hands them over. */
  readonly out: WriteBuffer;
  /** The bytes in `out` are whole packets: send them with this turn's write. Cheap enough to be called a packet. */
  commit(): void;
  /** The socket holds more than its high water mark: stop giving it more until `drained$`. */
  readonly congested: boolean;
  /** Emits each time the socket has room again after it was congested. */
  readonly drained$: Observable<void>;
  /**
   * Flushes, then closes our side; `incoming$` goes on until the peer has closed too. A peer that neither closes nor
   * takes any byte for two seconds is cut off. What is committed afterwards is dropped.
   */
  end(): void;
  /** Stops and restarts the reading of the socket; counted neither way. */
  pause(): void;
  resume(): void;
  /** When bytes were last handed to the socket, and last came in: ms of `performance.now()`, or of RxJS's clock in virtual time. */
  readonly lastSent: number;
  readonly lastReceived: number;
  /** What is known of the other side. */
  readonly peer: PeerInfo;
}

/** A connection that was accepted, not dialled: there is no subscription to give up, so it has a method for that. */
export interface AcceptedConnection extends Connection {
  /** Closes the socket at once, whatever it still holds; `incoming$` completes. */
  destroy(): void;
}

export interface PeerInfo {
  /** `127.0.0.1:1883`, a socket's path, or undefined where the platform does not tell (browsers). */
  readonly address?: string | undefined;
  /** The certificate that the peer showed, as `node:tls` gives it. */
  readonly certificate?: unknown;
  /** What was agreed with the peer by ALPN. */
  readonly alpnProtocol?: string | undefined;
  /** The host name that a TLS client asked for (SNI), on the server's side. */
  readonly servername?: string | undefined;
  /** The WebSocket sub-protocol that was agreed. */
  readonly subprotocol?: string | undefined;
}

/** What a transport is asked to dial. */
export interface ConnectTarget {
  /**
   * The whole URL, such as `wss://broker.example:443/mqtt` or `unix:/run/mqtt.sock`. A user name and a password in it
   * are MQTT's and never leave with the socket's own handshake.
   */
  readonly url: string;
  readonly tls?: TlsOptions | undefined;
  readonly ws?: WebSocketOptions | undefined;
  readonly socket?: SocketOptions | undefined;
  readonly timeouts?: StageTimeouts | undefined;
  /** The URL of a proxy, or `'env'` for what the environment names. Node only. */
  readonly proxy?: string | undefined;
  /** The sub-protocol that belongs to the protocol version: `mqtt`, or `mqttv3.1` for MQTT 3.1. */
  readonly subprotocol: string;
}

/**
 * Opens one connection a subscription. Emits the open connection once and then stays silent; errors with a
 * `ConnectError` when it cannot be opened. Unsubscribing destroys the socket, in whatever state it is.
 */
export type Transport = (target: ConnectTarget) => Observable<Connection>;

/** PEM (string or bytes) or DER (bytes, or base64 as a string); several of them as an array. */
export type KeyMaterial = string | Uint8Array | readonly (string | Uint8Array)[];

/** TLS options, with the meaning that they have in `node:tls`. Browsers bring their own TLS and take none of them. */
export interface TlsOptions {
  /** The certificate authorities to trust. Default: those that Node trusts. */
  readonly ca?: KeyMaterial;
  /** The client's certificate chain. The private key may stand in it, too. */
  readonly cert?: KeyMaterial;
  /** The client's private key. */
  readonly key?: KeyMaterial;
  /** A file with the certificate authorities to trust, beside those of `ca`. Files are read anew at each attempt. */
  readonly caFile?: string;
  /** A folder with the certificate authorities to trust, one or more a file. */
  readonly caPath?: string;
  /** A file with the client's certificate chain; it may hold the private key, too. */
  readonly certFile?: string;
  /** A file with the client's private key. */
  readonly keyFile?: string;
  /** What `tls.createSecureContext` made, in the place of all keys, certificates and ciphers; it is taken as it is. */
  readonly secureContext?: object;
  /** Key and certificates in one PKCS #12 archive. */
  readonly pfx?: string | Uint8Array;
  /** Decrypts `key` or `pfx`. */
  readonly passphrase?: string;
  /** The server name for SNI and for the check of the certificate. Default: the host of the URL, unless it is an address. */
  readonly servername?: string;
  /** The protocols to offer by ALPN. Default: none. */
  readonly ALPNProtocols?: readonly string[];
  /** The cipher suites to offer, in the notation of OpenSSL. Default: Node's. */
  readonly ciphers?: string;
  /** Default: Node's, TLSv1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Default: Node's, TLSv1.3. */
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Refuse a certificate that cannot be verified. Default true. */
  readonly rejectUnauthorized?: boolean;
  /** Checks the name in the server's certificate; returns an error to refuse it. Default: `tls.checkServerIdentity`. */
  readonly checkServerIdentity?: (hostname: string, certificate: never) => Error | undefined;
}

/** Options of WebSocket connections. */
export interface WebSocketOptions {
  /** Headers of the upgrade request. Node only: browsers do not let a page set them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The sub-protocols to offer. Default `mqtt`. */
  readonly protocols?: string | readonly string[];
  /** An `http.Agent` for the upgrade request. Node only. */
  readonly agent?: unknown;
  /** The largest message to read, in bytes. Default 256 MiB, which the largest MQTT packet needs. Node only. */
  readonly maxPayload?: number;
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
   * How many bytes the socket may hold before it counts as congested; not less than Node's own mark. Default 512 KiB,
   * 1 MiB in browsers.
   */
  readonly highWaterMark?: number;
  /** How long the peer may take to close after us without taking any byte that waits for it, in ms. Default 2000. */
  readonly closeTimeout?: number;
}
