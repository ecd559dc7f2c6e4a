import { DecimalPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Age } from './age';
import { Chart } from './chart';
import { Connection } from './connection';
import { type Device, nameOf, needsAttention, reasonOf, statusOf } from './devices';
import { newest } from './history';

/** A device at a glance. What is old is dimmed, with its time. */
@Component({
  selector: 'app-device-card',
  imports: [DecimalPipe, RouterLink, Age, Chart],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <article class="card" [class.stale]="!isFresh()" [class.urgent]="isUrgent()">
      <div class="what">
        <div class="head">
          <h3>
            <a [routerLink]="['/devices', device().id]">{{ name() }}</a>
          </h3>
          <span class="pill" [class]="status()">{{ status() }}</span>
        </div>
        <p class="area">{{ device().info?.area }}</p>
        @if (isUrgent()) {
          <p class="reason">{{ reason() }}</p>
        }
        <p class="value">
          {{ last() ? (last()!.value | number: '1.1-1') : '–' }}
          <small>{{ device().info?.unit }}</small>
        </p>
        <app-age [time]="last()?.time" />
      </div>
      <div class="how">
        <app-chart
          [history]="device().history"
          [now]="connection.now()"
          [label]="device().info?.quantity ?? 'Value'"
          [isStale]="!isFresh()"
          [height]="isUrgent() ? 80 : 48"
        />
        <p class="set">Set point {{ device().state?.setPoint ?? '–' }} {{ device().info?.unit }}</p>
      </div>
    </article>
  `,
  styles: `
    .card {
      position: relative;
      display: grid;
      gap: 0.5rem;
      height: 100%;
      padding: 1rem;
      transition: border-color 0.15s;
    }
    .card:hover {
      border-color: var(--accent);
    }
    .urgent {
      border: 2px solid var(--bad);
      background: var(--bad-surface);
    }
    .head {
      display: flex;
      justify-content: space-between;
      align-items: center;
      gap: 0.5rem;
    }
    h3 {
      margin: 0;
      min-width: 0;
      font-size: 1rem;
      overflow-wrap: anywhere;
    }
    a {
      color: inherit;
      text-decoration: none;
    }
    a::after {
      content: '';
      position: absolute;
      inset: 0;
      border-radius: inherit;
    }
    p {
      margin: 0;
    }
    .area,
    .set {
      color: var(--muted);
      font-size: 0.875rem;
    }
    .reason {
      color: var(--bad-text);
      font-weight: 600;
      overflow-wrap: anywhere;
    }
    .value {
      margin-top: 0.3rem;
      font-size: 1.9rem;
      line-height: 1.3;
      font-weight: 600;
      font-variant-numeric: tabular-nums;
    }
    small {
      font-size: 1rem;
      font-weight: 400;
      color: var(--muted);
    }
    .stale .value {
      color: var(--muted);
    }
    .stale:not(.urgent) {
      border-style: dashed;
    }
    .set {
      margin-top: 0.4rem;
    }
    @media (min-width: 48rem) {
      .urgent {
        grid-template-columns: minmax(0, 1fr) minmax(0, 1.6fr);
        gap: 1.5rem;
      }
      .urgent .head {
        justify-content: flex-start;
      }
    }
  `,
})
export class DeviceCard {
  readonly device = input.required<Device>();
  protected readonly connection = inject(Connection);
  protected readonly name = computed(() => nameOf(this.device()));
  protected readonly status = computed(() => statusOf(this.device()));
  protected readonly isUrgent = computed(() => needsAttention(this.device()));
  protected readonly last = computed(() => newest(this.device().history));
  protected readonly isFresh = computed(() => this.connection.isFresh(this.last()?.time));
  protected readonly reason = computed(() => reasonOf(this.device()));
}
