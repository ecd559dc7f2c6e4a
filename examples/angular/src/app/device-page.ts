import { DecimalPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { RouterLink } from '@angular/router';
import { injectMqtt } from 'rxmqtt/angular';
import { switchMap } from 'rxjs';
import { Chart } from './chart';
import { device$, nameOf } from './devices';
import { SetPointForm } from './set-point-form';

@Component({
  selector: 'app-device-page',
  imports: [DecimalPipe, RouterLink, Chart, SetPointForm],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <a class="back" routerLink="/">← Devices</a>
    @if (device(); as now) {
      <div class="title">
        <h1>{{ nameOf(now) }}</h1>
        <span class="pill" [class]="now.state?.status">{{ now.state?.status ?? 'unknown' }}</span>
        <span class="muted">{{ now.info?.area }}</span>
      </div>
      <div class="columns">
        <section class="card">
          <h2>{{ now.info?.quantity ?? 'Value' }}</h2>
          <p class="value">
            {{ now.values.length === 0 ? '–' : (now.values[now.values.length - 1] | number: '1.1-1') }}
            <small>{{ now.info?.unit }}</small>
          </p>
          <app-chart
            [times]="now.times"
            [values]="now.values"
            [setPoint]="now.state?.setPoint"
            [axes]="true"
            [height]="260"
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
      <p class="muted">Waiting for {{ id() }}…</p>
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
      margin: 0.25rem 0 0.75rem;
      font-size: 2.4rem;
      font-weight: 600;
      font-variant-numeric: tabular-nums;
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
  private readonly client = injectMqtt();
  protected readonly device = toSignal(toObservable(this.id).pipe(switchMap((id) => device$(this.client, id))));
}
