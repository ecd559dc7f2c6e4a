import {
  concatMap,
  firstValueFrom,
  from,
  groupBy,
  lastValueFrom,
  map,
  mergeMap,
  type Observable,
  take,
  tap,
  timer,
} from 'rxjs';
import { connect, type MqttMessage, publishTo, topicFilter, withTopic } from 'rxmqtt';
import { standalone } from './standalone.js';

const REQUESTS = 'device/{id}/request';

/** A look-up that takes its time. */
const lookUp = (id: string, question: string): Observable<string> =>
  timer(20).pipe(map(() => `${id} asked ${question}`));

/** Devices are served side by side (`mergeMap`), the requests of one device one after the other (`concatMap`). */
const answers = (messages$: Observable<MqttMessage>) =>
  messages$.pipe(
    withTopic(REQUESTS),
    groupBy(({ params }) => params.id),
    mergeMap((device$) =>
      device$.pipe(
        concatMap(({ params, message }) =>
          lookUp(params.id, message.text()).pipe(
            map((payload) => ({ topic: `device/${params.id}/response`, payload, qos: 1 as const })),
          ),
        ),
      ),
    ),
  );

/** Three devices send three requests each, all at once; each gets its answers in order. */
export async function requestPerDevice(url: string, print: (line: string) => void = console.log): Promise<void> {
  const service = connect(url);
  const devices = connect(url);
  const serving = service.subscribe(topicFilter(REQUESTS), { qos: 1 }).pipe(answers, publishTo(service)).subscribe();
  await firstValueFrom(service.granted(topicFilter(REQUESTS)));

  const answered = lastValueFrom(
    devices.subscribe('device/+/response', { qos: 1 }).pipe(
      take(9),
      tap((message) => print(`${message.topic}: ${message.text()}`)),
    ),
  );
  const requests = ['a', 'b', 'c'].flatMap((question) => ['lamp', 'lock', 'fan'].map((id) => ({ id, question })));
  await lastValueFrom(
    from(requests).pipe(
      publishTo(devices, ({ id, question }) => ({ topic: `device/${id}/request`, payload: question, qos: 1 })),
    ),
  );
  await answered;
  serving.unsubscribe();
  await Promise.all([service.end(), devices.end()]);
}

standalone('request-per-device', (url) => requestPerDevice(url));
