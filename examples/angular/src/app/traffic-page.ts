import { AsyncPipe, DatePipe } from '@angular/common';
import { ChangeDetectionStrategy, Component } from '@angular/core';
import { injectMqtt } from 'rxmqtt/angular';
import {
  BehaviorSubject,
  catchError,
  debounceTime,
  distinctUntilChanged,
  map,
  of,
  scan,
  startWith,
  switchMap,
  throttleTime,
  type Observable,
} from 'rxjs';

interface Row {
  readonly number: number;
  readonly time: number;
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
}

interface Traffic {
  readonly rows: readonly Row[];
  readonly error?: string;
}

const KEPT_ROWS = 40;

/** What goes over the broker, by topic filter: another filter is another subscription. */
@Component({
  selector: 'app-traffic-page',
  imports: [AsyncPipe, DatePipe],
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
        [value]="filter.value"
        (input)="filter.next(field.value)"
      />
      <div class="chips">
        @for (suggestion of suggestions; track suggestion) {
          <button type="button" (click)="filter.next(suggestion); field.value = suggestion">{{ suggestion }}</button>
        }
      </div>
    </div>
    @if (traffic$ | async; as traffic) {
      @if (traffic.error) {
        <p class="error" role="alert">{{ traffic.error }}</p>
      } @else if (traffic.rows.length === 0) {
        <p class="muted">Nothing yet.</p>
      }
      <ol>
        @for (row of traffic.rows; track row.number) {
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
    }
    .chips {
      display: flex;
      flex-wrap: wrap;
      gap: 0.4rem;
    }
    .chips button {
      font: 0.8rem var(--mono);
      padding: 0.25rem 0.6rem;
    }
    .error {
      color: var(--bad);
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
  protected readonly suggestions = ['plant/#', 'plant/+/state', 'plant/boiler-1/+', '$SYS/#'];
  protected readonly filter = new BehaviorSubject('plant/+/value');
  protected readonly traffic$: Observable<Traffic> = this.filter.pipe(
    debounceTime(300),
    distinctUntilChanged(),
    switchMap((filter) => this.trafficOf(filter)),
  );
  private count = 0;

  private trafficOf(filter: string): Observable<Traffic> {
    return this.client.subscribe(filter).pipe(
      map(({ topic, payload, retain }) => ({
        number: this.count++,
        time: Date.now(),
        topic,
        text: new TextDecoder().decode(payload.subarray(0, 200)),
        retain,
      })),
      scan((rows: readonly Row[], row) => [row, ...rows.slice(0, KEPT_ROWS - 1)], []),
      throttleTime(100, undefined, { leading: true, trailing: true }),
      map((rows) => ({ rows })),
      startWith({ rows: [] }),
      // Only this filter is done for: the box goes on.
      catchError((error: Error) => of({ rows: [], error: error.message })),
    );
  }
}
