import { ChangeDetectionStrategy, Component } from '@angular/core';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { mqttSignal } from 'rxmqtt/angular';
import { ConnectionBadge } from './connection-badge';
import { OfflineBanner } from './offline-banner';

@Component({
  selector: 'app-root',
  imports: [RouterOutlet, RouterLink, RouterLinkActive, ConnectionBadge, OfflineBanner],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <header>
      <div class="bar">
        <a class="brand" routerLink="/" [attr.aria-label]="plant()">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 21V11l6 4v-4l6 4V4h6v17z" /></svg>
          <span>{{ plant() }}</span>
        </a>
        <nav aria-label="Pages">
          <a
            routerLink="/"
            routerLinkActive="active"
            ariaCurrentWhenActive="page"
            [routerLinkActiveOptions]="{ exact: true }"
            >Devices</a
          >
          <a routerLink="/traffic" routerLinkActive="active" ariaCurrentWhenActive="page">Traffic</a>
        </nav>
        <app-connection-badge />
      </div>
    </header>
    <main><router-outlet /></main>
    <app-offline-banner />
  `,
  styles: `
    header {
      position: sticky;
      top: 0;
      z-index: 2;
      background: var(--surface);
      border-bottom: 1px solid var(--line);
    }
    .bar {
      max-width: 72rem;
      margin: 0 auto;
      padding: 0.6rem 1rem;
      display: flex;
      align-items: center;
      gap: 0.5rem 1.25rem;
    }
    .brand {
      display: flex;
      align-items: center;
      gap: 0.5rem;
      font-weight: 650;
      color: inherit;
      text-decoration: none;
      min-width: 5.6rem;
      white-space: nowrap;
    }
    svg {
      width: 1.4rem;
      fill: var(--accent);
    }
    nav {
      display: flex;
      gap: 0.25rem;
      flex: 1;
    }
    nav a {
      padding: 0.35rem 0.7rem;
      border-radius: 0.5rem;
      color: var(--muted);
      text-decoration: none;
    }
    nav a:hover {
      color: var(--text);
    }
    nav a.active {
      color: var(--text);
      background: var(--sunken);
    }
    main {
      max-width: 72rem;
      margin: 0 auto;
      /* Room for the banner, whether it is there or not. */
      padding: 1.25rem 1rem 9rem;
    }
    @media (max-width: 30rem) {
      .brand {
        min-width: 0;
      }
      .brand span {
        display: none;
      }
      .bar {
        gap: 0.5rem;
      }
      nav {
        gap: 0;
      }
    }
  `,
})
export class App {
  protected readonly plant = mqttSignal('plant/name', { initialValue: 'Plant', map: (message) => message.text() });
}
