import { distinctUntilChanged, EMPTY, filter, fromEvent, map, type Observable, startWith, switchMap, take } from 'rxjs';
import { ackAfter, type MqttClient, type MqttMessage } from 'rxmqtt';

/** Whether the page can be seen: now, and at each change. */
const visible$: Observable<boolean> = fromEvent(document, 'visibilitychange').pipe(
  startWith(undefined),
  map(() => document.visibilityState === 'visible'),
  distinctUntilChanged(),
);

/**
 * For what people look at: a hidden tab is subscribed to nothing, and so nothing comes. When it is visible again, the retained
 * messages come, and what follows. With `linger` in `source$`, a short absence sends nothing.
 */
export function whileVisible<T>(source$: Observable<T>): Observable<T> {
  return visible$.pipe(switchMap((visible) => (visible ? source$ : EMPTY)));
}

/**
 * For what must not be lost: a hidden tab holds as many messages as `receiveMaximum` of the client says, unacknowledged. The
 * broker keeps the others until the tab is visible again.
 */
export function onceVisible(client: MqttClient, topicFilter: string): Observable<MqttMessage> {
  const visible = (message: MqttMessage) =>
    visible$.pipe(
      filter((now) => now),
      take(1),
      map(() => message),
    );
  return client.subscribe(topicFilter, { qos: 1, ack: 'manual' }).pipe(ackAfter(visible));
}
