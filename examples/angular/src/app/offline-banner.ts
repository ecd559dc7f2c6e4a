import { DatePipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { injectMqtt } from 'rxmqtt/angular';
import { map, of, switchMap, takeWhile, timer } from 'rxjs';
import { Connection } from './connection';

/**
 * Told while there is no connection: what is shown may be old, what is sent waits, and when the next attempt is due. It
 * lies over the foot of the page, which leaves room for it, so that nothing moves when it comes and goes.
 */
@Component({
  selector: 'app-offline-banner',
  imports: [DatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (connection.offlineSince(); as since) {
      <section aria-label="Connection">
        <p role="alert">
          @if (problem(); as reason) {
            <strong>The connection has ended.</strong> {{ reason }}
          } @else if (connection.hasBeenOnline()) {
            <strong>No connection to the broker since {{ since | date: 'HH:mm:ss' }}.</strong>
            Values are the last ones known.
          } @else {
            <strong>The broker cannot be reached.</strong>
            No values have arrived yet.
          }
          @switch (queued()) {
            @case (0) {}
            @case (1) {
              <b>1 command waits</b> and is sent on reconnect.
            }
            @default {
              <b>{{ queued() }} commands wait</b> and are sent on reconnect.
            }
          }
        </p>
        @if (connection.state().status !== 'ended') {
          <p class="next">
            @if (connection.state().status === 'reconnecting') {
              Next attempt in <span class="countdown">{{ countdown() }} s</span>
            } @else {
              Connecting…
            }
          </p>
          <button type="button" (click)="retry()">Retry now</button>
        }
      </section>
    }
  `,
  styles: `
    section {
      position: fixed;
      inset: auto 0 0;
      z-index: 3;
      display: flex;
      flex-wrap: wrap;
      justify-content: center;
      align-items: center;
      gap: 0.4rem 1.25rem;
      padding: 0.7rem 1rem calc(0.7rem + env(safe-area-inset-bottom));
      background: var(--warn-surface);
      color: var(--warn-text);
      border-top: 1px solid var(--warn);
    }
    p {
      margin: 0;
      overflow-wrap: anywhere;
    }
    .next {
      min-width: 10.5rem;
      font-variant-numeric: tabular-nums;
    }
    button {
      padding: 0.3rem 0.8rem;
      border-color: currentColor;
      color: inherit;
      background: transparent;
    }
  `,
})
export class OfflineBanner {
  protected readonly connection = inject(Connection);
  private readonly client = injectMqtt();
  protected readonly problem = computed(() => {
    const state = this.connection.state();
    return state.status === 'ended' ? (state.reason?.message ?? 'Load the page again.') : undefined;
  });
  protected readonly queued = toSignal(
    this.client.stats$.pipe(map(({ outbox, inFlight }) => outbox.messages + inFlight.messages)),
    { initialValue: 0 },
  );

  /** Whole seconds until the next attempt. */
  protected readonly countdown = toSignal(
    toObservable(this.connection.state).pipe(
      switchMap((state) => {
        const delay = state.status === 'reconnecting' ? (state.delay ?? 0) : 0;
        const due = Date.now() + delay;
        return delay === 0
          ? of(0)
          : timer(0, 250).pipe(
              map(() => Math.ceil((due - Date.now()) / 1000)),
              takeWhile((left) => left >= 0),
            );
      }),
    ),
    { initialValue: 0 },
  );

  protected retry(): void {
    // Whether it worked is seen by the state.
    this.client.reconnect().subscribe({ error: () => undefined });
  }
}
