import {
  defer,
  filter,
  ignoreElements,
  map,
  merge,
  type Observable,
  ReplaySubject,
  share,
  Subject,
  switchMap,
  take,
  tap,
  timer,
} from 'rxjs';
import { ErrorCode, PublishError } from '../errors.js';
import type { MqttClient } from './mqtt-client.js';
import type { MqttMessage } from './mqtt-message.js';

/** The part of a client that requests use. */
export type Requester = Pick<MqttClient, 'state$' | 'subscriptions$' | 'subscribe' | 'publish'>;

/** How long the reply subscription outlives the last request, in ms. */
const LINGER = 10_000;

const channels = new WeakMap<Requester, ReplyChannel>();

/** The replies to the requests of one client: all requests share one response topic and one subscription to it. */
export class ReplyChannel {
  /** By correlation data. */
  private readonly waiting = new Map<string, Subject<MqttMessage>>();
  /** Distinguishes this client's requests from others on the same response topic. */
  private readonly own = globalThis.crypto.getRandomValues(new Uint8Array(8));
  private count = 0;

  private constructor(private readonly client: Requester) {}

  static of(client: Requester): ReplyChannel {
    const known = channels.get(client);
    if (known !== undefined) return known;
    const channel = new ReplyChannel(client);
    channels.set(client, channel);
    return channel;
  }

  /**
   * Emits the response topic once the broker has granted the reply subscription, which lives while this is observed.
   * Completes when the client ends. Errors on 3.1.1, and when the broker refuses the subscription.
   */
  readonly topic$: Observable<string> = defer(() => this.connected$()).pipe(
    map(({ negotiated }) => {
      if (negotiated.protocolVersion === 5) return this.topicOf(negotiated.clientId, negotiated.responseInformation);
      throw new PublishError('request failed: MQTT 3.1.1 has no response topics', {
        code: ErrorCode.NOT_SUPPORTED,
      });
    }),
    switchMap((topic) => this.listen(topic)),
    share({ connector: () => new ReplaySubject<string>(1), resetOnRefCountZero: () => timer(LINGER) }),
  );

  /** Correlation data for a new request. */
  correlation(): Uint8Array {
    const data = new Uint8Array(12);
    data.set(this.own);
    new DataView(data.buffer).setUint32(8, this.count++);
    return data;
  }

  /** The replies with this correlation data, starting now. */
  replies(correlationData: Uint8Array): Observable<MqttMessage> {
    const key = keyOf(correlationData);
    return defer(() => {
      const replies = new Subject<MqttMessage>();
      this.waiting.set(key, replies);
      return replies.pipe(tap({ finalize: () => this.waiting.delete(key) }));
    });
  }

  private connected$() {
    return this.client.state$.pipe(
      filter((state) => state.status === 'connected'),
      take(1),
    );
  }

  private listen(topic: string): Observable<string> {
    const replies$ = this.client.subscribe(topic, { qos: 1, retainHandling: 2 }).pipe(
      tap((reply) => this.received(reply)),
      ignoreElements(),
    );
    const granted$ = this.client.subscriptions$.pipe(
      filter((subscriptions) => subscriptions.get(topic)?.status === 'active'),
      take(1),
      map(() => topic),
    );
    return merge(replies$, granted$);
  }

  private received(reply: MqttMessage): void {
    const data = reply.properties?.correlationData;
    if (data !== undefined) this.waiting.get(keyOf(data))?.next(reply);
  }

  /** Response information is the broker's prefix for response topics (section 3.1.2.11.6). */
  private topicOf(clientId: string, information: string | undefined): string {
    const prefix = information ?? `rxmqtt/replies/${clientId.replace(/[+#]/g, '_')}`;
    const name = Array.from(this.own, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${prefix.replace(/\/$/, '')}/${name}`;
  }
}

const keyOf = (data: Uint8Array): string => String.fromCharCode(...data.subarray(0, 64));
