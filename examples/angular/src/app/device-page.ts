import { DecimalPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { RouterLink } from '@angular/router';
import { injectMqtt } from 'rxmqtt/angular';
import { catchError, map, type Observable, of, startWith, switchMap } from 'rxjs';
import { Age } from './age';
import { Chart } from './chart';
import { Connection } from './connection';
import { type Device, devices$, nameOf, needsAttention, reasonOf, statusOf } from './devices';
import { newest } from './history';
import { SetPointForm } from './set-point-form';

/** The device, or why there is none. */
interface Found {
  readonly device?: Device | undefined;
  readonly problem?: string;
}

@Component({
  selector: 'app-device-page',
  imports: [DecimalPipe, RouterLink, Age, Chart, SetPointForm],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <a class="back" routerLink="/">← Devices</a>
    @if (found()?.device; as now) {
      <div class="title">
        <h1>{{ nameOf(now) }}</h1>
        <span class="pill" [class]="status()">{{ status() }}</span>
        <span class="muted">{{ now.info?.area }}</span>
      </div>
      @if (isUrgent()) {
        <p class="error">{{ reasonOf(now) }}</p>
      }
      <div class="columns">
        <section class="card" [class.stale]="!isFresh()">
          <h2>{{ now.info?.quantity ?? 'Value' }}</h2>
          <p class="value">
            {{ last() ? (last()!.value | number: '1.1-1') : '–' }}
            <small>{{ now.info?.unit }}</small>
          </p>
          <app-age [time]="last()?.time" />
          <app-chart
            [history]="now.history"
            [now]="connection.now()"
            [label]="now.info?.quantity ?? 'Value'"
            [setPoint]="now.state?.setPoint"
            [isStale]="!isFresh()"
            [axes]="true"
            [height]="260"
            [span]="120"
          />
        </section>
        <section class="card">
          <h2>Set point</h2>
          @if (now.info && now.state) {
            <app-set-point-form [id]="now.id" [info]="now.info" [current]="now.state.setPoint" />
          } @else {
            <p class="muted">Waiting for the device…</p>
          }
        </section>
      </div>
    } @else {
      <h1 class="title">{{ id() }}</h1>
      @if (found()?.problem; as problem) {
        <p class="error" role="alert">{{ problem }}</p>
      } @else if (connection.offlineSince()) {
        <p class="muted">Nothing is known of this device yet. It appears as soon as the broker answers.</p>
      } @else {
        <p class="muted">Waiting for the device…</p>
      }
    }
  `,
  styles: `
    .back {
      color: var(--muted);
      text-decoration: none;
    }
    .title {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 0.4rem 0.8rem;
      margin: 0.5rem 0 1rem;
    }
    h1 {
      margin: 0;
      min-width: 0;
      overflow-wrap: anywhere;
    }
    .columns {
      display: grid;
      gap: 1rem;
      grid-template-columns: minmax(0, 2fr) minmax(16rem, 1fr);
      align-items: start;
    }
    @media (max-width: 48rem) {
      .columns {
        grid-template-columns: minmax(0, 1fr);
      }
    }
    .card {
      padding: 1rem;
    }
    .value {
      margin: 0.25rem 0 0;
      font-size: 2.4rem;
      font-weight: 600;
      font-variant-numeric: tabular-nums;
    }
    .stale .value {
      color: var(--muted);
    }
    .stale {
      border-style: dashed;
    }
    app-age {
      margin-bottom: 0.75rem;
    }
    small {
      font-size: 1.1rem;
      font-weight: 400;
      color: var(--muted);
    }
  `,
})
export class DevicePage {
  /** From the route. */
  readonly id = input.required<string>();
  protected readonly nameOf = nameOf;
  protected readonly reasonOf = reasonOf;
  protected readonly connection = inject(Connection);
  private readonly client = injectMqtt();
  protected readonly found = toSignal(
    toObservable(this.id).pipe(switchMap((id) => this.find(id).pipe(startWith<Found>({})))),
  );
  protected readonly status = computed(() => {
    const device = this.found()?.device;
    return device === undefined ? 'unknown' : statusOf(device);
  });
  protected readonly isUrgent = computed(() => {
    const device = this.found()?.device;
    return device !== undefined && needsAttention(device);
  });
  protected readonly last = computed(() => {
    const device = this.found()?.device;
    return device === undefined ? undefined : newest(device.history);
  });
  protected readonly isFresh = computed(() => this.connection.isFresh(this.last()?.time));

  private find(id: string): Observable<Found> {
    // It comes from the address bar, where it may hold anything, wildcards as well.
    if (!/^[\w-]+$/.test(id)) return of<Found>({ problem: 'No device has such a name.' });
    return devices$(this.client, id).pipe(
      map(([device]): Found => ({ device })),
      catchError((error: Error) => of<Found>({ problem: error.message })),
    );
  }
}
