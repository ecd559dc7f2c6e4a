import { createHash, createHmac, randomBytes } from 'node:crypto';
import { asyncScheduler, Observable } from 'rxjs';
import type { AwsCredentials } from '../../src/aws/index.js';
import { createBroker, type PublishedEvent } from '../../src/broker/index.js';
import { ConnectError, type Connection, type ConnectTarget, type PublishOptions } from '../../src/index.js';
import type { Packet } from '../../src/packet/packets.js';
import type { PublishPacket } from '../../src/packet/publish-packet.js';
import { ServerDecoder } from '../../src/packet/server-decoder.js';
import { memoryPair, type MemoryConnection } from '../../src/transport/memory.js';

export const ENDPOINT = 'stand-in-ats.iot.eu-central-1.amazonaws.com';
const REGION = 'eu-central-1';

/** ms for which a signed URL can be dialled. */
const URL_LIFE = 5 * 60_000;

/**
 * Plays the endpoint of AWS IoT Core: looks at the signature of the URL and at the token, keeps an eye on the limits of a
 * connection, and cuts the connection of a client that exceeds one, or whose token is over. Behind it is the embedded
 * broker.
 */
export class AwsStandIn {
  readonly broker = createBroker({
    listeners: [],
    sysInterval: 0,
    limits: { keepalive: 1200, inFlight: 100, receiveMaximum: 100 },
  });
  /** Every message that was accepted, in order. */
  readonly published: PublishedEvent['message'][] = [];
  /** What clients did that AWS IoT Core does not take. */
  readonly violations: string[] = [];
  /** The session tokens of the connections that were let in. */
  readonly accepted: string[] = [];
  /** Why dials were refused. */
  readonly refused: string[] = [];
  private readonly issued = new Map<string, AwsCredentials & { readonly expires: number }>();

  constructor() {
    this.broker.published$.subscribe(({ message }) => this.published.push(message));
  }

  /** Credentials for so many ms, as STS issues them. */
  issue(life: number): AwsCredentials {
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const secretAccessKey = randomBytes(30).toString('base64');
    const sessionToken = randomBytes(300).toString('base64');
    this.issued.set(accessKeyId, { accessKeyId, secretAccessKey, sessionToken, expires: asyncScheduler.now() + life });
    return { accessKeyId, secretAccessKey, sessionToken };
  }

  readonly transport = ({ url }: ConnectTarget): Observable<Connection> =>
    new Observable((subscriber) => {
      const verdict = this.verify(url);
      if (typeof verdict === 'string') {
        this.refused.push(verdict);
        subscriber.error(new ConnectError(`connecting failed: WebSocket upgrade: HTTP 403 Forbidden (${verdict})`));
        return;
      }
      const [client, near] = memoryPair('aws');
      const [far, server] = memoryPair('aws');
      subscriber.add(() => client.destroy());
      this.accepted.push(verdict.sessionToken ?? '');
      const guard = new Guard((what) => {
        this.violations.push(what);
        near.end();
      });
      const tokenIsOver = asyncScheduler.schedule(() => near.end(), verdict.expires - asyncScheduler.now());
      far.incoming$.subscribe({ next: (bytes) => relay(guard.fromBroker(bytes), near), complete: () => near.end() });
      near.incoming$.subscribe({
        next: (bytes) => relay(guard.fromClient(bytes), far),
        complete: () => {
          tokenIsOver.unsubscribe();
          far.end();
        },
      });
      this.broker.serve(server);
      subscriber.next(client);
    });

  publish(topic: string, text: string, { qos = 1 }: PublishOptions = {}): void {
    this.broker.publish({ topic, payload: text, qos });
  }

  /** The credentials that the URL was signed with, or what is wrong with it. */
  private verify(text: string): (AwsCredentials & { readonly expires: number }) | string {
    const url = new URL(text);
    const query = Object.fromEntries(url.searchParams);
    if (url.pathname !== '/mqtt') return 'path';
    const [accessKeyId = '', day = '', region, service, end] = query['X-Amz-Credential']?.split('/') ?? [];
    const known = this.issued.get(accessKeyId);
    if (known === undefined) return 'access key';
    if (query['X-Amz-Security-Token'] !== known.sessionToken) return 'token';
    if (known.expires <= asyncScheduler.now()) return 'token is over';
    if (region !== REGION || service !== 'iotdevicegateway' || end !== 'aws4_request') return 'scope';
    const stamp = query['X-Amz-Date'] ?? '';
    const signedAt = Date.parse(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    if (!(Math.abs(asyncScheduler.now() - signedAt) < URL_LIFE)) return 'date';
    const canonical = [...url.searchParams]
      .filter(([name]) => name !== 'X-Amz-Signature' && name !== 'X-Amz-Security-Token')
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .sort()
      .join('&');
    const empty = createHash('sha256').update('').digest('hex');
    const request = `GET\n/mqtt\n${canonical}\nhost:${url.host.replace(/:443$/, '')}\n\nhost\n${empty}`;
    const hashed = createHash('sha256').update(request).digest('hex');
    const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${day}/${region}/${service}/aws4_request\n${hashed}`;
    const key = [day, region, service, 'aws4_request'].reduce<Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      Buffer.from(`AWS4${known.secretAccessKey}`),
    );
    const right = createHmac('sha256', key).update(toSign).digest('hex');
    return query['X-Amz-Signature'] === right ? known : 'signature';
  }
}

function relay(bytes: Uint8Array, to: MemoryConnection): void {
  to.out.append(bytes);
  to.commit();
}

/** What one connection may do. */
class Guard {
  private readonly packets = new ServerDecoder({ protocolVersion: 4, maximumPacketSize: 1e9 });
  /** When the publishes of the last second came. */
  private times: number[] = [];
  /** Packet identifiers that are not acknowledged yet. */
  private readonly open = new Set<number>();

  constructor(private readonly refuse: (what: string) => void) {}

  fromClient(bytes: Uint8Array): Uint8Array {
    this.packets.decode(bytes, (packet) => this.check(packet));
    return bytes;
  }

  /** The broker of 3.1.1 sends PUBACK as four bytes, in a chunk of their own or among others. */
  fromBroker(bytes: Uint8Array): Uint8Array {
    for (let at = 0; at + 1 < bytes.length;) {
      let length = 0;
      let shift = 0;
      let head = at + 1;
      for (let more = true; more; shift += 7, head++) {
        const byte = bytes[head] ?? 0;
        length |= (byte & 0x7f) << shift;
        more = byte >= 0x80;
      }
      if (bytes[at] === 0x40) this.open.delete(((bytes[head] ?? 0) << 8) | (bytes[head + 1] ?? 0));
      at = head + length;
    }
    return bytes;
  }

  private check(packet: Packet): void {
    switch (packet.cmd) {
      case 'connect':
        if (packet.keepalive < 30 || packet.keepalive > 1200) this.refuse(`keep-alive of ${packet.keepalive} s`);
        break;
      case 'subscribe':
        if (packet.subscriptions.length > 8) this.refuse(`${packet.subscriptions.length} filters in SUBSCRIBE`);
        if (packet.subscriptions.some(({ qos }) => qos === 2)) this.refuse('SUBSCRIBE at QoS 2');
        break;
      case 'unsubscribe':
        if (packet.filters.length > 8) this.refuse(`${packet.filters.length} filters in UNSUBSCRIBE`);
        break;
      case 'publish':
        this.checkPublish(packet);
        break;
      default:
    }
  }

  private checkPublish({ topic, payload, qos, packetId }: PublishPacket): void {
    const now = asyncScheduler.now();
    this.times = [...this.times.filter((time) => time > now - 1000), now];
    if (this.times.length > 100) this.refuse(`${this.times.length} publishes in a second`);
    if (qos === 2) this.refuse('PUBLISH at QoS 2');
    if (qos > 0) this.open.add(packetId);
    if (this.open.size > 100) this.refuse(`${this.open.size} unacknowledged publishes`);
    if (topic.split('/').length > 8) this.refuse(`the topic ${topic}`);
    if (topic.length + payload.length + 10 > 131_072) this.refuse(`a message of ${payload.length} bytes`);
  }
}
