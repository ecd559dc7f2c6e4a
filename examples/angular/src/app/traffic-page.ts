import { DatePipe, DecimalPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, signal } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { injectMqtt } from 'rxmqtt/angular';
import { combineLatest, debounceTime, distinctUntilChanged, scan, switchMap } from 'rxjs';
import { type Traffic, traffic$ } from './traffic';

/** What is shown, and how many messages came since it was paused. */
type Shown = Traffic & { readonly missed: number };

/** What goes over the broker, by topic filter: another filter is another subscription. */
@Component({
  selector: 'app-traffic-page',
  imports: [DatePipe, DecimalPipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <h1>Traffic</h1>
    <div class="box">
      <label for="filter">Topic filter</label>
      <input
        #field
        id="filter"
        type="text"
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        [value]="filter()"
        [attr.aria-invalid]="traffic()?.error ? true : null"
        (input)="choose(field.value)"
      />
      <div class="chips" role="group" aria-label="Common filters">
        @for (suggestion of suggestions; track suggestion) {
          <button type="button" [attr.aria-pressed]="suggestion === filter()" (click)="choose(suggestion)">
            {{ suggestion }}
          </button>
        }
      </div>
    </div>
    <div class="tools">
      <button type="button" class="pause" [attr.aria-pressed]="isPaused()" (click)="isPaused.set(!isPaused())">
        Pause
      </button>
      <span class="rate">{{ traffic()?.rate ?? 0 | number: '1.1-1' }} messages/s</span>
      <span class="muted" role="status">
        @if (isPaused()) {
          Paused: {{ traffic()?.missed ?? 0 }} more since
        }
      </span>
    </div>
    @if (traffic(); as now) {
      @if (now.error) {
        <p class="error" role="alert">{{ now.error }}</p>
      } @else if (now.rows.length === 0) {
        <p class="muted">Nothing yet.</p>
      }
      <ol aria-label="Messages, the newest first">
        @for (row of now.rows; track row.number) {
          <li>
            <time>{{ row.time | date: 'HH:mm:ss' }}</time>
            <code class="topic">{{ row.topic }}</code>
            @if (row.retain) {
              <span class="pill">retained</span>
            }
            <code class="text">{{ row.text }}</code>
          </li>
        }
      </ol>
    }
  `,
  styles: `
    .box {
      display: grid;
      gap: 0.4rem;
      margin-bottom: 1rem;
    }
    label {
      color: var(--muted);
      font-size: 0.875rem;
    }
    input {
      font-family: var(--mono);
      min-width: 0;
    }
    .chips {
      display: flex;
      flex-wrap: wrap;
      gap: 0.4rem;
    }
    .chips button {
      font: 0.8rem var(--mono);
      padding: 0.35rem 0.6rem;
    }
    .tools {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 0.4rem 1rem;
      min-height: 2.6rem;
      margin-bottom: 0.75rem;
    }
    .pause {
      padding: 0.35rem 0.9rem;
    }
    .rate {
      min-width: 8.5rem;
      font-variant-numeric: tabular-nums;
    }
    ol {
      list-style: none;
      margin: 0;
      padding: 0;
      border-radius: 0.75rem;
      overflow: hidden;
    }
    li {
      display: flex;
      flex-wrap: wrap;
      align-items: baseline;
      gap: 0.1rem 0.75rem;
      padding: 0.45rem 0.75rem;
      background: var(--surface);
      border-bottom: 1px solid var(--line);
      font-size: 0.875rem;
    }
    time {
      color: var(--muted);
      font-variant-numeric: tabular-nums;
    }
    .topic {
      min-width: 0;
      overflow-wrap: anywhere;
    }
    .text {
      color: var(--muted);
      overflow-wrap: anywhere;
      flex: 1 1 12rem;
      text-align: right;
    }
    @media (max-width: 40rem) {
      .text {
        flex-basis: 100%;
        text-align: left;
      }
    }
  `,
})
export class TrafficPage {
  private readonly client = injectMqtt();
  protected readonly suggestions = ['plant/+/value', 'plant/#', 'plant/+/state', 'plant/boiler-1/+', '$SYS/#'];
  protected readonly filter = signal('plant/+/value');
  protected readonly isPaused = signal(false);
  protected readonly traffic = toSignal(
    combineLatest([
      toObservable(this.filter).pipe(
        debounceTime(300),
        distinctUntilChanged(),
        switchMap((filter) => traffic$(this.client, filter)),
      ),
      toObservable(this.isPaused),
    ]).pipe(scan(held, undefined)),
  );

  /** Another filter is shown from its first message on. */
  protected choose(filter: string): void {
    this.filter.set(filter);
    this.isPaused.set(false);
  }
}

/** While it is paused, the rows stay; what comes is counted. */
function held(shown: Shown | undefined, [traffic, isPaused]: [Traffic, boolean]): Shown {
  if (!isPaused || shown === undefined) return { ...traffic, missed: 0 };
  return { ...shown, rate: traffic.rate, missed: traffic.count - shown.count };
}
