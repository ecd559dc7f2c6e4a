import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { Connection } from './connection';

const LABELS = {
  idle: 'Idle',
  connecting: 'Connecting',
  connected: 'Online',
  reconnecting: 'Offline',
  ended: 'Ended',
} as const;

/** Where the connection stands. As wide for one word as for another, so that nothing moves beside it. */
@Component({
  selector: 'app-connection-badge',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<span class="badge" [class]="status()" role="status"><i></i>{{ label() }}</span>`,
  styles: `
    .badge {
      display: inline-flex;
      align-items: center;
      gap: 0.45rem;
      min-width: 7.6rem;
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
  `,
})
export class ConnectionBadge {
  private readonly connection = inject(Connection);
  /** An attempt during an outage changes nothing: screen readers would announce each one. */
  protected readonly status = computed(() => {
    const { status } = this.connection.state();
    return status === 'connecting' && this.connection.offlineSince() !== undefined ? 'reconnecting' : status;
  });
  protected readonly label = computed(() => LABELS[this.status()]);
}
