import { DecimalPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { RouterLink } from '@angular/router';
import { injectMqtt } from 'rxmqtt/angular';
import { Chart } from './chart';
import { devices$, nameOf } from './devices';

@Component({
  selector: 'app-overview-page',
  imports: [DecimalPipe, RouterLink, Chart],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <h1>Devices</h1>
    @if (devices(); as all) {
      <ul>
        @for (device of all; track device.id) {
          <li>
            <a class="card" [routerLink]="['/devices', device.id]">
              <span class="head">
                <span class="name">{{ nameOf(device) }}</span>
                <span class="pill" [class]="device.state?.status">{{ device.state?.status ?? 'unknown' }}</span>
              </span>
              <span class="area">{{ device.info?.area }}</span>
              <span class="value">
                {{ device.values.length === 0 ? '–' : (device.values[device.values.length - 1] | number: '1.1-1') }}
                <small>{{ device.info?.unit }}</small>
              </span>
              <app-chart [times]="device.times" [values]="device.values" />
              <span class="set">Set point {{ device.state?.setPoint }} {{ device.info?.unit }}</span>
            </a>
          </li>
        }
      </ul>
    } @else {
      <p class="muted">Waiting for devices…</p>
    }
  `,
  styles: `
    ul {
      list-style: none;
      margin: 0;
      padding: 0;
      display: grid;
      gap: 1rem;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr));
    }
    .card {
      display: grid;
      gap: 0.15rem;
      padding: 1rem;
      color: inherit;
      text-decoration: none;
      transition: border-color 0.15s;
    }
    .card:hover {
      border-color: var(--accent);
    }
    .head {
      display: flex;
      justify-content: space-between;
      align-items: center;
      gap: 0.5rem;
    }
    .name {
      font-weight: 600;
    }
    .area,
    .set {
      color: var(--muted);
      font-size: 0.875rem;
    }
    .value {
      margin-top: 0.5rem;
      font-size: 1.9rem;
      font-weight: 600;
      font-variant-numeric: tabular-nums;
    }
    small {
      font-size: 1rem;
      font-weight: 400;
      color: var(--muted);
    }
    app-chart {
      height: 48px;
      margin: 0.25rem 0;
    }
  `,
})
export class OverviewPage {
  protected readonly nameOf = nameOf;
  protected readonly devices = toSignal(devices$(injectMqtt()));
}
