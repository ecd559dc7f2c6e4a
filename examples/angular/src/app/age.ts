import { DatePipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { Connection } from './connection';

/** How old a value is: live, or as of its time. One line in any case, so that nothing moves below it. */
@Component({
  selector: 'app-age',
  imports: [DatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (isFresh()) {
      <i></i>live
    } @else if (time(); as then) {
      as of {{ then | date: 'HH:mm:ss' }}
    } @else {
      no value yet
    }
  `,
  styles: `
    :host {
      display: block;
      color: var(--muted);
      font-size: 0.875rem;
      white-space: nowrap;
      font-variant-numeric: tabular-nums;
    }
    i {
      display: inline-block;
      width: 0.5rem;
      height: 0.5rem;
      margin-right: 0.4rem;
      border-radius: 50%;
      background: var(--good);
    }
  `,
})
export class Age {
  /** ms; undefined when there is no value. */
  readonly time = input.required<number | undefined>();
  private readonly connection = inject(Connection);
  protected readonly isFresh = computed(() => this.connection.isFresh(this.time()));
}
