import { Component } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import type { ConnectionState } from 'rxmqtt';
import { injectMqtt } from 'rxmqtt/angular';
import { scan } from 'rxjs';

@Component({
  selector: 'app-connection-banner',
  standalone: true,
  template: `
    <!-- Always there: screen readers announce what changes in a live region, not one that appears with its text. -->
    <p role="status">{{ text() }}</p>
    @if (text() !== '') {
      <button (click)="reconnect()">Try now</button>
    }
  `,
})
export class ConnectionBanner {
  private readonly client = injectMqtt();
  readonly text = toSignal(this.client.state$.pipe(scan(textFor, '')), { requireSync: true });

  reconnect(): void {
    // The state tells whether it worked.
    this.client.reconnect().subscribe({ error: () => undefined });
  }
}

function textFor(shown: string, state: ConnectionState): string {
  switch (state.status) {
    case 'reconnecting':
      return 'No connection. Values are the last ones known.';
    case 'ended':
      return `The connection has ended. ${state.reason?.message ?? ''}`;
    case 'connecting':
      // The first attempt is no outage. A later one has not ended the outage yet.
      return shown;
    default:
      return '';
  }
}
