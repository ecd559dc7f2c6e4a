import { ChangeDetectionStrategy, Component, computed } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { injectMqtt, mqttState } from 'rxmqtt/angular';
import { map, of, switchMap, takeWhile, timer } from 'rxjs';

const LABELS = {
  idle: 'Idle',
  connecting: 'Connecting',
  connected: 'Online',
  reconnecting: 'Offline',
  ended: 'Ended',
} as const;

/** Where the connection stands, and when the next attempt is due. */
@Component({
  selector: 'app-connection-badge',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <span class="badge" [class]="state().status" role="status">
      <i></i>{{ label() }}
      @if (state().status === 'reconnecting') {
        <span class="countdown">{{ countdown() }} s</span>
      }
    </span>
    @if (state().status === 'reconnecting') {
      <button type="button" aria-label="Retry now" (click)="client.reconnect().subscribe()">
        <span>Retry now</span>
      </button>
    }
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: 0.5rem;
    }
    .badge {
      display: inline-flex;
      align-items: center;
      gap: 0.45rem;
      padding: 0.3rem 0.75rem;
      border-radius: 99px;
      font-size: 0.875rem;
      background: var(--sunken);
      white-space: nowrap;
    }
    i {
      width: 0.55rem;
      height: 0.55rem;
      border-radius: 50%;
      background: var(--muted);
    }
    .connected i {
      background: var(--good);
    }
    .connecting i {
      background: var(--warn);
    }
    .reconnecting i,
    .ended i {
      background: var(--bad);
    }
    .countdown {
      min-width: 1.8rem;
      text-align: right;
      color: var(--muted);
      font-variant-numeric: tabular-nums;
    }
    button {
      font-size: 0.8rem;
      padding: 0.3rem 0.6rem;
      white-space: nowrap;
    }
    @media (max-width: 30rem) {
      button {
        padding: 0.2rem 0.5rem;
      }
      button span {
        display: none;
      }
      button::before {
        content: '↻';
      }
    }
  `,
})
export class ConnectionBadge {
  protected readonly client = injectMqtt();
  protected readonly state = mqttState();
  protected readonly label = computed(() => LABELS[this.state().status]);

  /** Whole seconds until the next attempt. */
  protected readonly countdown = toSignal(
    toObservable(this.state).pipe(
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
}
