import { map, merge, type Observable } from 'rxjs';
import { ConnectError, type Transport } from 'rxmqtt';

/** A transport whose connections break each time `cut$` emits: the socket is destroyed, without a word to the broker. */
export function cuttable(transport: Transport, cut$: Observable<unknown>): Transport {
  const broken$ = cut$.pipe(
    map(() => {
      throw new ConnectError('the line was cut, as the demo does once');
    }),
  );
  return (target) => merge(transport(target), broken$);
}
