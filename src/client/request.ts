import { defer, filter, Observable, Subject, type Subscriber, Subscription, take, timer } from 'rxjs';
import type { ConnectionState } from '../connection/state.js';
import { ClosedError, ErrorCode, PublishError, TimeoutError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { PublishReceipt } from '../session/outgoing.js';
import type { SubscriptionInfo } from '../subscription/subscription-info.js';
import { topicNameProblem } from '../topic/topic-name.js';
import type { Payload, PublishOptions, SubscribeOptions } from './client-options.js';
import { Demand } from './demand.js';

export interface RequestOptions {
  /** Of the request; replies come at the responder's QoS, 1 at most. Default 1. */
  readonly qos?: 0 | 1 | 2;
  /** ms from the subscription to the last reply; 0: as long as it takes. Default 30 000. */
  readonly timeout?: number;
  /** Replies to wait for. Default 1. `Infinity`: all that come until the time-out, which then is no error. */
  readonly replies?: number;
  /** Of the request; response topic and correlation data are the library's. */
  readonly properties?: PublishOptions['properties'];
}

/** What of a client requests are made with. */
export interface RequestPort {
  readonly state$: Observable<ConnectionState>;
  readonly subscriptions$: Observable<ReadonlyMap<string, SubscriptionInfo>>;
  subscribe(filter: string, options: SubscribeOptions): Observable<PublishPacket>;
  publish(topic: string, payload: Payload, options: PublishOptions): Observable<PublishReceipt>;
}

/** ms for which the subscription to the replies is kept after the last request. */
const LINGER = 10_000;
const KNOWN: readonly string[] = ['qos', 'timeout', 'replies', 'properties'] satisfies (keyof RequestOptions)[];
const NO_MATCHING_SUBSCRIBERS = 0x10;

/** The requests of one client: they share one response topic and one subscription to it. */
export class Requests {
  private readonly waiting = new Map<string, Subject<PublishPacket>>();
  /** Tells the requests of this client from all others that may share the response topic. */
  private readonly own = globalThis.crypto.getRandomValues(new Uint8Array(8));
  private count = 0;

  constructor(private readonly port: RequestPort) {}

  private readonly connected$ = defer(() => this.port.state$).pipe(
    filter((state) => state.status === 'connected'),
    take(1),
  );

  /** The response topic once the subscription to it stands. */
  private readonly ready$ = new Observable<string>((subscriber) => {
    if (this.responseTopic !== undefined) subscriber.next(this.responseTopic);
    this.observers.add(subscriber);
    subscriber.add(() => this.observers.delete(subscriber));
    subscriber.add(this.demand.add());
  });
  private readonly observers = new Set<Subscriber<string>>();
  /** The subscription to the replies is kept while there are requests, and a while after. */
  private readonly demand = new Demand(
    LINGER,
    () => this.listen(),
    () => this.rest(),
  );
  private listening: Subscription | undefined;
  private responseTopic: string | undefined;

  private listen(): void {
    if (this.listening !== undefined) return;
    const listening = new Subscription();
    this.listening = listening;
    listening.add(
      this.listened$.subscribe({
        next: (topic) => {
          this.responseTopic = topic;
          for (const observer of this.observers) observer.next(topic);
        },
        error: (error) => this.rest((observer) => observer.error(error)),
        complete: () => this.rest((observer) => observer.complete()),
      }),
    );
  }

  private rest(tell?: (observer: Subscriber<string>) => void): void {
    this.listening?.unsubscribe();
    this.listening = undefined;
    this.responseTopic = undefined;
    if (tell !== undefined) for (const observer of [...this.observers]) tell(observer);
  }

  /** Emits the response topic when the broker has granted it; errors where there are no properties to carry it. */
  private readonly listened$ = new Observable<string>((subscriber) => {
    subscriber.add(
      this.connected$.subscribe(({ negotiated }) => {
        if (negotiated.protocolVersion !== 5) {
          subscriber.error(
            new PublishError('request failed: the connection speaks MQTT 3.1.1, which has no response topics', {
              code: ErrorCode.NOT_SUPPORTED,
            }),
          );
          return;
        }
        const topic = this.topicOf(negotiated.clientId, negotiated.responseInformation);
        subscriber.add(
          this.port.subscribe(topic, { qos: 1, retainHandling: 2 }).subscribe({
            next: (reply) => this.received(reply),
            error: (error) => subscriber.error(error),
            complete: () => subscriber.complete(),
          }),
        );
        subscriber.add(
          this.port.subscriptions$
            .pipe(
              filter((subscriptions) => subscriptions.get(topic)?.status === 'active'),
              take(1),
            )
            .subscribe(() => subscriber.next(topic)),
        );
      }),
    );
  });

  /** See `MqttClient.request`. */
  send(topic: string, payload: Payload, options: RequestOptions = {}): Observable<PublishPacket> {
    const { qos = 1, timeout = 30_000, replies = 1, properties } = options;
    return new Observable<PublishPacket>((subscriber) => {
      const problem = problemOf(options);
      if (problem !== undefined) {
        subscriber.error(new TypeError(`request: ${problem}`));
        return;
      }
      const invalid = topicNameProblem(topic);
      if (invalid !== undefined) {
        subscriber.error(new PublishError(`request failed: the topic ${invalid}`, { code: ErrorCode.INVALID_TOPIC }));
        return;
      }
      const correlationData = this.correlation();
      const key = keyOf(correlationData);
      const answers = new Subject<PublishPacket>();
      const work = new Subscription();
      subscriber.add(work);
      subscriber.add(() => this.waiting.delete(key));
      subscriber.add(answers.pipe(take(replies)).subscribe(subscriber));
      if (timeout > 0) {
        subscriber.add(
          timer(timeout).subscribe(() => {
            if (replies === Infinity) subscriber.complete();
            else subscriber.error(tooLate(topic, timeout));
          }),
        );
      }
      let sent = false;
      work.add(
        this.ready$.subscribe({
          next: (responseTopic) => {
            if (sent) return;
            sent = true;
            this.waiting.set(key, answers);
            const all = { ...properties, responseTopic, correlationData };
            work.add(
              this.port.publish(topic, payload, { qos, properties: all }).subscribe({
                next: ({ reasonCode }) => {
                  if (reasonCode === NO_MATCHING_SUBSCRIBERS) subscriber.error(nobody(topic));
                },
                error: (error) => subscriber.error(error),
              }),
            );
          },
          error: (error) => subscriber.error(error),
          complete: () => subscriber.error(new ClosedError(`request to "${topic}" failed: the client was ended`)),
        }),
      );
    });
  }

  private received(reply: PublishPacket): void {
    const data = reply.properties?.correlationData;
    if (data !== undefined) this.waiting.get(keyOf(data))?.next(reply);
  }

  /** Response information is what a broker wants response topics to begin with (section 3.1.2.11.6). */
  private topicOf(clientId: string, information: string | undefined): string {
    const prefix = information ?? `rxmqtt/replies/${clientId.replace(/[+#]/g, '_')}`;
    const name = Array.from(this.own, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${prefix.replace(/\/$/, '')}/${name}`;
  }

  private correlation(): Uint8Array {
    const data = new Uint8Array(12);
    data.set(this.own);
    new DataView(data.buffer).setUint32(8, this.count++);
    return data;
  }
}

const keyOf = (data: Uint8Array): string => String.fromCharCode(...data.subarray(0, 64));

function problemOf({ timeout = 30_000, replies = 1, properties, ...rest }: RequestOptions): string | undefined {
  const unknown = Object.keys(rest).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) return `option "${unknown}" is unknown; known are ${KNOWN.join(', ')}`;
  if (!(timeout >= 0 && Number.isFinite(timeout))) return 'timeout must be a number of ms, or 0';
  if (!(replies === Infinity || (Number.isInteger(replies) && replies >= 1))) return 'replies must be 1 or more';
  if (replies === Infinity && timeout === 0) return 'replies: Infinity needs a timeout, for nothing else ends it';
  if (properties?.responseTopic === undefined && properties?.correlationData === undefined) return undefined;
  return 'response topic and correlation data are set by the library; for your own, use publish() and subscribe()';
}

function tooLate(topic: string, ms: number): TimeoutError {
  return new TimeoutError(`request to "${topic}" was not answered within ${ms} ms; is a responder subscribed to it?`);
}

function nobody(topic: string): PublishError {
  return new PublishError(`request to "${topic}" failed: nobody subscribes to it; start a responder first`, {
    reasonCode: NO_MATCHING_SUBSCRIBERS,
  });
}
