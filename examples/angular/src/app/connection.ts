import { computed, Injectable } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import type { ConnectionState } from 'rxmqtt';
import { injectMqtt, mqttState } from 'rxmqtt/angular';
import { interval, map, scan } from 'rxjs';

/** How the connection came to where it is. */
interface Course {
  readonly hasBeenOnline: boolean;
  /** ms of the time at which it was lost, or first failed; undefined while nothing is wrong. */
  readonly offlineSince: number | undefined;
}

/** ms after which a value is old: devices tell theirs twice a second. */
const FRESH_FOR = 4000;

/** What the whole application has to know of the connection: whether what it shows is up to date. */
@Injectable({ providedIn: 'root' })
export class Connection {
  readonly state = mqttState();
  private readonly course = toSignal(
    injectMqtt().state$.pipe(scan(follow, { hasBeenOnline: false, offlineSince: undefined })),
    { requireSync: true },
  );

  readonly isOnline = computed(() => this.state().status === 'connected');
  readonly hasBeenOnline = computed(() => this.course().hasBeenOnline);
  /** A first attempt is no news; what follows a failure is, until the connection stands. */
  readonly offlineSince = computed(() => this.course().offlineSince);
  /** The time of day in ms, each second. */
  readonly now = toSignal(interval(1000).pipe(map(() => Date.now())), { initialValue: Date.now() });

  /** Whether a value of that time is what the plant says now. */
  isFresh(time: number | undefined): boolean {
    return time !== undefined && this.isOnline() && this.now() - time < FRESH_FOR;
  }
}

function follow({ hasBeenOnline, offlineSince }: Course, { status }: ConnectionState): Course {
  switch (status) {
    case 'connected':
      return { hasBeenOnline: true, offlineSince: undefined };
    case 'reconnecting':
    case 'ended':
      return { hasBeenOnline, offlineSince: offlineSince ?? Date.now() };
    default:
      return { hasBeenOnline, offlineSince };
  }
}
