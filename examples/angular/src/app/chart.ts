import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  type ElementRef,
  inject,
  input,
  viewChild,
} from '@angular/core';
import uPlot from 'uplot';
import { type History, lonely, since } from './history';
import { scaleOf } from './scale';

/** A line of values up to now: as a spark line with the ends of its scales, or with axes and a set point. */
@Component({
  selector: 'app-chart',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="plot" #plot role="img" [attr.aria-label]="description()" [style.height.px]="height()"></div>
    @if (!axes()) {
      <span class="high">{{ high() }}</span>
      <span class="low">{{ low() }}</span>
      <span class="from">{{ span() }} s ago</span>
      <span class="to">now</span>
    }
  `,
  styles: `
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr) 3rem;
      grid-template-rows: auto 1fr auto;
      gap: 0 0.4rem;
      font-size: 0.75rem;
      line-height: 1.2;
      color: var(--muted);
      font-variant-numeric: tabular-nums;
    }
    :host(.axes) {
      display: block;
    }
    .plot {
      grid-area: 1 / 1 / 3 / 2;
      min-width: 0;
      overflow: hidden;
      box-sizing: content-box;
      border-block: 1px solid var(--line);
    }
    :host(.axes) .plot {
      border: none;
    }
    .high {
      grid-area: 1 / 2;
    }
    .low {
      grid-area: 2 / 2;
      align-self: end;
    }
    .from {
      grid-area: 3 / 1;
    }
    .to {
      grid-area: 3 / 1;
      justify-self: end;
    }
  `,
  host: { '[class.axes]': 'axes()' },
})
export class Chart {
  readonly history = input.required<History>();
  /** The time of day in ms, at the right end. */
  readonly now = input.required<number>();
  /** What is measured, for screen readers. */
  readonly label = input('Value');
  readonly setPoint = input<number>();
  readonly isStale = input(false);
  readonly axes = input(false);
  readonly height = input(48);
  /** s from the left end to the right one. */
  readonly span = input(60);

  private readonly plotted = viewChild.required<ElementRef<HTMLElement>>('plot');
  /** s at the right end: a value may be newer than the last second that was told. */
  private readonly end = computed(() => Math.max(this.now() / 1000, this.history().times.at(-1) ?? 0));
  private readonly shown = computed(() => since(this.history(), this.end() - this.span()));
  private readonly scale = computed(() => {
    const setPoint = this.axes() ? this.setPoint() : undefined;
    return scaleOf(setPoint === undefined ? this.shown() : [...this.shown(), setPoint]);
  });
  protected readonly high = computed(() => this.ofScale('high'));
  protected readonly low = computed(() => this.ofScale('low'));
  protected readonly description = computed(() => {
    const from = `in the last ${this.span()} s`;
    return this.shown().length === 0
      ? `${this.label()}: no values ${from}`
      : `${this.label()} between ${this.low()} and ${this.high()} ${from}`;
  });
  private plot: uPlot | undefined;

  constructor() {
    const resized = new ResizeObserver(([entry]) => {
      if (entry !== undefined) this.plot?.setSize({ width: entry.contentRect.width, height: this.height() });
    });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const draw = (): void => {
      this.plot?.destroy();
      this.plot = new uPlot(this.options(), this.data(), this.host);
    };
    afterNextRender(() => {
      draw();
      resized.observe(this.host);
      scheme.addEventListener('change', draw);
    });
    effect(() => {
      const data = this.data();
      // The drawing asks for these: they are read here, so that it follows them.
      this.end();
      this.scale();
      this.isStale();
      this.plot?.setData(data);
    });
    inject(DestroyRef).onDestroy(() => {
      resized.disconnect();
      scheme.removeEventListener('change', draw);
      this.plot?.destroy();
    });
  }

  private get host(): HTMLElement {
    return this.plotted().nativeElement;
  }

  private ofScale(end: 'low' | 'high'): string {
    const scale = this.scale();
    return this.shown().length === 0 ? '–' : scale[end].toFixed(scale.decimals);
  }

  private data(): uPlot.AlignedData {
    const { times, values } = this.history();
    const setPoint = this.setPoint() ?? null;
    return [[...times], [...values], values.map((value) => (value === null ? null : setPoint))];
  }

  private options(): uPlot.Options {
    // A canvas knows neither variables nor light-dark(): the browser is asked what they come to.
    const color = (name: string): string => {
      this.host.style.color = `var(${name})`;
      return getComputedStyle(this.host).color;
    };
    const [muted, grid, accent, soft] = ['--muted', '--line', '--accent', '--accent-soft'].map(color) as [
      string,
      string,
      string,
      string,
    ];
    this.host.style.color = '';
    const clock = (_: uPlot, times: number[]): string[] =>
      times.map((time) => new Date(time * 1000).toLocaleTimeString('en-GB'));
    const axis = { stroke: muted, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const hasAxes = this.axes();
    return {
      width: this.host.clientWidth,
      height: this.height(),
      legend: { show: false },
      cursor: { show: hasAxes },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      padding: hasAxes ? [8, 8, 0, 0] : [1, 0, 1, 0],
      axes: hasAxes
        ? [
            { ...axis, values: clock, space: 80 },
            { ...axis, size: 48 },
          ]
        : [{ show: false }, { show: false }],
      series: [
        {},
        {
          stroke: () => (this.isStale() ? muted : accent),
          width: hasAxes ? 2 : 1.5,
          fill: () => (this.isStale() ? 'transparent' : soft),
          points: { show: true, size: 4, filter: () => lonely(this.history()) },
        },
        { stroke: muted, width: 1, dash: [4, 4], points: { show: false }, show: hasAxes },
      ],
      scales: {
        x: { range: () => [this.end() - this.span(), this.end()] },
        y: { range: () => [this.scale().low, this.scale().high] },
      },
    };
  }
}
