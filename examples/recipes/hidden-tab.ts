import { distinctUntilChanged, EMPTY, filter, fromEvent, map, type Observable, startWith, switchMap, take } from 'rxjs';
import { ackAfter, type MqttClient, type MqttMessage } from 'rxmqtt';

/** Whether the page can be seen: now, and at each change. */
const visible$: Observable<boolean> = fromEvent(document, 'visibilitychange').pipe(
  startWith(undefined),
  map(() => document.visibilityState === 'visible'),
  distinctUntilChanged(),
);

/**
 * For values that people look at. A hidden tab has no subscription, so nothing arrives. Once it is visible again, the retained
 * messages arrive, and then the new ones. With `linger` in `source$`, a short absence sends no packet.
 */
export function whileVisible<T>(source$: Observable<T>): Observable<T> {
  return visible$.pipe(switchMap((visible) => (visible ? source$ : EMPTY)));
}

/**
 * For messages that must not be lost. A hidden tab holds at most `receiveMaximum` of them, unacknowledged. The broker keeps
 * the others until the tab is visible again.
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
