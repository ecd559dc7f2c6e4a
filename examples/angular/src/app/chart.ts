import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  effect,
  ElementRef,
  inject,
  input,
} from '@angular/core';
import uPlot from 'uplot';

/** A line of values over time: bare as a spark line, or with axes. */
@Component({
  selector: 'app-chart',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: '',
  styles: `
    :host {
      display: block;
      min-width: 0;
      overflow: hidden;
    }
  `,
})
export class Chart {
  readonly times = input.required<readonly number[]>();
  readonly values = input.required<readonly number[]>();
  readonly setPoint = input<number>();
  readonly axes = input(false);
  readonly height = input(48);

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private plot: uPlot | undefined;

  constructor() {
    const resized = new ResizeObserver(([entry]) => {
      if (entry !== undefined) this.plot?.setSize({ width: entry.contentRect.width, height: this.height() });
    });
    afterNextRender(() => {
      this.plot = new uPlot(this.options(), this.data(), this.host);
      resized.observe(this.host);
    });
    effect(() => {
      const data = this.data();
      this.plot?.setData(data);
    });
    inject(DestroyRef).onDestroy(() => {
      resized.disconnect();
      this.plot?.destroy();
    });
  }

  private data(): uPlot.AlignedData {
    const setPoint = this.setPoint();
    const target = this.values().map(() => setPoint ?? null);
    return [[...this.times()], [...this.values()], target];
  }

  private options(): uPlot.Options {
    // A canvas knows neither variables nor light-dark(): the browser is asked what they come to.
    const color = (name: string): string => {
      this.host.style.color = `var(${name})`;
      return getComputedStyle(this.host).color;
    };
    const clock = (_: uPlot, times: number[]): string[] =>
      times.map((time) => new Date(time * 1000).toLocaleTimeString('en-GB'));
    const axis = { stroke: color('--muted'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
    return {
      width: this.host.clientWidth,
      height: this.height(),
      legend: { show: false },
      cursor: { show: this.axes() },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      padding: this.axes() ? [8, 8, 0, 0] : [4, 0, 4, 0],
      axes: this.axes()
        ? [
            { ...axis, values: clock, space: 80 },
            { ...axis, size: 48 },
          ]
        : [{ show: false }, { show: false }],
      series: [
        {},
        {
          stroke: color('--accent'),
          width: this.axes() ? 2 : 1.5,
          fill: color('--accent-soft'),
          points: { show: false },
        },
        { stroke: color('--muted'), width: 1, dash: [4, 4], points: { show: false }, show: this.axes() },
      ],
      scales: {
        // Ten seconds at least, so that the first points are a line that grows and not a corner.
        x: { range: (_, from, to) => [Math.min(from ?? 0, (to ?? 0) - 10), to ?? 0] },
        y: {
          range: (_, low, high) =>
            low === high ? [low - 1, high + 1] : [low - (high - low) / 8, high + (high - low) / 8],
        },
      },
    };
  }
}
