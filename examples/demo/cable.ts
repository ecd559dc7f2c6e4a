import { BehaviorSubject, filter, first, map, merge, type Observable, switchMap } from 'rxjs';
import { ConnectError, type Transport } from 'rxmqtt';

/**
 * The cable between the clients of the demo and their broker. A cut breaks their connections without a word to the
 * broker. Attempts to connect hang until it is mended, as they do in a real network.
 */
export class Cable {
  private readonly up = new BehaviorSubject(true);

  get isUp(): boolean {
    return this.up.value;
  }

  cut(): void {
    this.up.next(false);
  }

  mend(): void {
    if (!this.isUp) this.up.next(true);
  }

  /** The transport, over this cable. */
  over(transport: Transport): Transport {
    const broken$: Observable<never> = this.up.pipe(
      filter((isUp) => !isUp),
      map(() => {
        throw new ConnectError('the cable was cut, as the demo does once');
      }),
    );
    return (target) =>
      this.up.pipe(
        first((isUp) => isUp),
        switchMap(() => merge(transport(target), broken$)),
      );
  }
}
