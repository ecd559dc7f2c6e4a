import { DecimalPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { injectMqtt, mqttResource } from 'rxmqtt/angular';
import { catchError, EMPTY } from 'rxjs';
import { Age } from './age';
import { Connection } from './connection';
import { DeviceCard } from './device-card';
import { byUrgency, devices$, needsAttention, statusOf } from './devices';

/** All devices; what is wrong comes first. */
@Component({
  selector: 'app-overview-page',
  imports: [DecimalPipe, Age, DeviceCard],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="title">
      <h1>Devices</h1>
      <div class="power" [class.stale]="!connection.isFresh(measured()?.time)">
        @if (power.error(); as error) {
          <p class="error">{{ error.message }}</p>
        } @else {
          <p>
            Power <b>{{ measured() ? (measured()!.kilowatts | number: '1.0-0') : '–' }} kW</b>
          </p>
          <app-age [time]="measured()?.time" />
        }
      </div>
    </div>
    @if (problem(); as why) {
      <p class="error" role="alert">{{ why }}</p>
    } @else if (devices()) {
      <p class="summary muted">{{ summary() }}</p>
      @if (urgent().length > 0) {
        <section aria-labelledby="urgent">
          <h2 id="urgent">Needs attention</h2>
          <ul class="urgent">
            @for (device of urgent(); track device.id) {
              <li><app-device-card [device]="device" /></li>
            }
          </ul>
        </section>
      }
      <section aria-labelledby="others">
        <h2 id="others">In order</h2>
        <ul>
          @for (device of others(); track device.id) {
            <li><app-device-card [device]="device" /></li>
          }
        </ul>
      </section>
    } @else if (connection.offlineSince()) {
      <p class="muted">No device is known yet. They appear as soon as the broker answers.</p>
    } @else {
      <p class="muted">Waiting for devices…</p>
    }
  `,
  styles: `
    .title {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      align-items: baseline;
      gap: 0 1rem;
    }
    h1 {
      margin: 0;
    }
    .power {
      display: flex;
      align-items: baseline;
      gap: 0.75rem;
      width: 15.5rem;
    }
    .power p {
      margin: 0;
      font-variant-numeric: tabular-nums;
    }
    .power b {
      display: inline-block;
      min-width: 4.2rem;
    }
    .power.stale p {
      color: var(--muted);
    }
    .summary {
      margin: 0.25rem 0 1rem;
    }
    section {
      margin-bottom: 1.5rem;
    }
    h2 {
      margin: 0 0 0.6rem;
    }
    ul {
      list-style: none;
      margin: 0;
      padding: 0;
      display: grid;
      gap: 1rem;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr));
    }
    ul.urgent {
      grid-template-columns: minmax(0, 1fr);
    }
  `,
})
export class OverviewPage {
  protected readonly connection = inject(Connection);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly devices = toSignal(
    devices$(injectMqtt()).pipe(
      // A signal that has failed throws in the template, and nothing of the page would show.
      catchError((error: Error) => {
        this.problem.set(error.message);
        return EMPTY;
      }),
    ),
  );
  protected readonly power = mqttResource('plant/power', {
    map: (message) => ({ kilowatts: Number(message.text()), time: Date.now() }),
  });
  protected readonly measured = computed(() => (this.power.error() === undefined ? this.power.value() : undefined));

  private readonly sorted = computed(() => [...(this.devices() ?? [])].sort(byUrgency));
  protected readonly urgent = computed(() => this.sorted().filter(needsAttention));
  protected readonly others = computed(() => this.sorted().filter((device) => !needsAttention(device)));
  /** `1 fault · 1 standby · 6 running` */
  protected readonly summary = computed(() => {
    const counts = new Map<string, number>();
    for (const device of this.sorted()) counts.set(statusOf(device), (counts.get(statusOf(device)) ?? 0) + 1);
    return [...counts].map(([status, count]) => `${count} ${status}`).join(' · ');
  });
}
