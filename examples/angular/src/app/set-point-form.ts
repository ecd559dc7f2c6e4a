import { ChangeDetectionStrategy, Component, computed, input, signal } from '@angular/core';
import { injectMqtt } from 'rxmqtt/angular';
import type { DeviceInfo } from './devices';

type Progress = 'none' | 'pending' | 'acknowledged' | 'failed';

/** Publishes a set point at QoS 1, and shows how far it has come. */
@Component({
  selector: 'app-set-point-form',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <form (submit)="send(field.valueAsNumber); (false)">
      <label for="set-point">Now {{ current() }} {{ info().unit }}</label>
      <div class="row">
        <input
          #field
          id="set-point"
          type="number"
          step="0.5"
          required
          [min]="info().min"
          [max]="info().max"
          [value]="initial()"
        />
        <button type="submit">Send</button>
      </div>
      <p class="range">{{ info().min }} to {{ info().max }} {{ info().unit }}</p>
    </form>
    <p class="progress" [class]="progress()" role="status">
      @switch (progress()) {
        @case ('pending') {
          <i class="spinner"></i> {{ sent() }} {{ info().unit }} pending
        }
        @case ('acknowledged') {
          ✓ {{ sent() }} {{ info().unit }} acknowledged
        }
        @case ('failed') {
          ✕ {{ problem() }}
        }
      }
    </p>
  `,
  styles: `
    label,
    .range {
      color: var(--muted);
      font-size: 0.875rem;
    }
    .row {
      display: flex;
      gap: 0.5rem;
      margin: 0.4rem 0;
    }
    input {
      flex: 1;
      min-width: 0;
    }
    .range {
      margin: 0;
    }
    .progress {
      min-height: 1.5rem;
      margin: 0.75rem 0 0;
      display: flex;
      align-items: center;
      gap: 0.5rem;
    }
    .pending {
      color: var(--warn-text);
    }
    .acknowledged {
      color: var(--good-text);
    }
    .failed {
      color: var(--bad-text);
      overflow-wrap: anywhere;
    }
    .spinner {
      width: 0.8rem;
      height: 0.8rem;
      border: 2px solid currentColor;
      border-right-color: transparent;
      border-radius: 50%;
      animation: turn 0.8s linear infinite;
    }
    @keyframes turn {
      to {
        transform: rotate(1turn);
      }
    }
  `,
})
export class SetPointForm {
  readonly id = input.required<string>();
  readonly info = input.required<DeviceInfo>();
  readonly current = input.required<number>();

  private readonly client = injectMqtt();
  protected readonly sent = signal(0);
  protected readonly progress = signal<Progress>('none');
  protected readonly problem = signal('');
  private touched = false;
  private shown = 0;
  /** The field follows the device until something was sent. */
  protected readonly initial = computed(() => (this.touched ? this.shown : (this.shown = this.current())));

  protected send(setPoint: number): void {
    this.touched = true;
    this.sent.set(setPoint);
    this.progress.set('pending');
    this.client.publish(`plant/${this.id()}/set`, JSON.stringify(setPoint), { qos: 1 }).subscribe({
      complete: () => this.progress.set('acknowledged'),
      error: (error: Error) => {
        this.problem.set(error.message);
        this.progress.set('failed');
      },
    });
  }
}
