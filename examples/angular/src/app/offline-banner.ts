import { ChangeDetectionStrategy, Component, computed } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { injectMqtt, mqttState } from 'rxmqtt/angular';
import { map } from 'rxjs';

/** Told while there is no connection: what is shown may be old, and what is sent waits. */
@Component({
  selector: 'app-offline-banner',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (isOffline()) {
      <p role="alert">
        <strong>No connection to the broker.</strong> Values are the last ones known.
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
    }
  `,
  styles: `
    p {
      margin: 0;
      padding: 0.6rem 1rem;
      text-align: center;
      background: var(--warn-surface);
      color: var(--warn-text);
      border-bottom: 1px solid var(--line);
    }
  `,
})
export class OfflineBanner {
  private readonly client = injectMqtt();
  private readonly state = mqttState();
  /** A first attempt is no news; what follows a failure is. */
  protected readonly isOffline = computed(() => {
    const state = this.state();
    return (
      state.status === 'reconnecting' ||
      state.status === 'ended' ||
      (state.status === 'connecting' && state.attempt > 1)
    );
  });
  protected readonly queued = toSignal(
    this.client.stats$.pipe(map(({ outbox, inFlight }) => outbox.messages + inFlight.messages)),
    { initialValue: 0 },
  );
}
