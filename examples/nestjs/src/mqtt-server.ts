import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { catchError, defer, EMPTY, from, map, mergeMap, type Observable, Subscription, take } from 'rxjs';
import { ackAfter, connect, type ClientOptions, type MqttClient, type MqttMessage, respond } from 'rxmqtt';

/** Messages of one pattern that are handled at a time. */
const CONCURRENCY = 100;

/**
 * A transport strategy of NestJS on rxmqtt. Patterns are topic filters, `$share/<group>/` included. Handlers get the
 * payload, read as JSON, and the message as their context.
 *
 * - `@EventPattern`: a message is acknowledged once its handler is done. A failure is logged and counts as done, so that
 *   one message that cannot be handled does not stop the others.
 * - `@MessagePattern`: what the handler returns is published to the response topic of the request (MQTT 5); of an
 *   Observable, each value.
 */
export class MqttServer extends Server implements CustomTransportStrategy {
  private client: MqttClient | undefined;
  private readonly work = new Subscription();

  constructor(private readonly options: ClientOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    const client = connect(this.options);
    this.client = client;
    for (const [filter, handler] of this.getHandlers()) {
      const handled$ =
        handler.isEventHandler === true ? this.events(client, filter, handler) : this.requests(client, filter, handler);
      this.work.add(handled$.subscribe({ error: (error: Error) => this.logger.error(error.message) }));
    }
    this.work.add(client.faults$.subscribe((fault) => this.logger.warn(fault.message)));
    client.connected$.pipe(take(1)).subscribe({ next: () => callback(), error: callback });
  }

  async close(): Promise<void> {
    // Handlers that have begun come to their end, and their messages are acknowledged.
    await this.client?.end();
    this.work.unsubscribe();
  }

  on(): never {
    throw new Error('observe client.state$ of unwrap() instead');
  }

  unwrap<T>(): T {
    return this.client as T;
  }

  private events(client: MqttClient, filter: string, handler: MessageHandler): Observable<unknown> {
    const handle = (message: MqttMessage): Observable<unknown> =>
      this.run(handler, message).pipe(
        catchError((error: unknown) => {
          this.failed(error, message);
          return EMPTY;
        }),
      );
    return client.subscribe(filter, { qos: 1, ack: 'manual' }).pipe(ackAfter(handle, { concurrency: CONCURRENCY }));
  }

  private requests(client: MqttClient, filter: string, handler: MessageHandler): Observable<unknown> {
    const answer = (message: MqttMessage): Observable<string> =>
      this.run(handler, message).pipe(map((value) => JSON.stringify(value)));
    return respond(client, filter, answer, { concurrency: CONCURRENCY, onError: this.failed });
  }

  private run(handler: MessageHandler, message: MqttMessage): Observable<unknown> {
    return defer(() => from(handler(message.json(), message))).pipe(
      mergeMap((result: unknown) => this.transformToObservable(result)),
    );
  }

  private readonly failed = (error: unknown, message: MqttMessage): void => {
    this.logger.error(`${message.topic}: ${textOf(error)}`);
  };
}

/** NestJS's filter of exceptions makes objects of them: `{ status, message }`. */
function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
