import { catchError, firstValueFrom, forkJoin, lastValueFrom, map, of, throwError, timer, toArray } from 'rxjs';
import { connect, json, request, respond } from 'rxmqtt';
import { standalone } from './standalone.js';

/** A service that adds, and clients that ask it: response topic and correlation data are the library's business. */
export async function rpc(url: string, print: (line: string) => void = console.log): Promise<void> {
  const server = connect(url);
  const client = connect(url);

  const serving = respond(
    server,
    'calc/add',
    (asked) => {
      const numbers = asked.json<number[]>();
      if (numbers.length === 0) return throwError(() => new Error('nothing to add'));
      // An answer may take its time: the later a request, the faster it is answered here.
      return timer(40 / numbers.length).pipe(map(() => JSON.stringify(numbers.reduce((sum, one) => sum + one))));
    },
    { onError: (error) => print(`not answered: ${String(error)}`) },
  ).subscribe();
  // Three replies to one request.
  serving.add(respond(server, 'calc/count', () => of('one', 'two', 'three')).subscribe());
  await Promise.all([firstValueFrom(server.granted('calc/add')), firstValueFrom(server.granted('calc/count'))]);

  const add = (...numbers: number[]) => request(client, 'calc/add', JSON.stringify(numbers)).pipe(json<number>());
  const sums = await firstValueFrom(forkJoin([add(1, 2), add(1, 2, 3), add(1, 2, 3, 4)]));
  print(`sums: ${sums.join(', ')}`);

  const counted$ = request(client, 'calc/count', '', { replies: 3 }).pipe(map((reply) => reply.text()));
  print(`count: ${(await lastValueFrom(counted$.pipe(toArray()))).join(', ')}`);

  for (const [topic, payload] of [
    ['calc/add', '[]'],
    ['calc/divide', '[1, 0]'],
  ] as const) {
    const outcome$ = request(client, topic, payload, { timeout: 200 }).pipe(
      map((reply) => reply.text()),
      catchError((error: Error & { code: string }) => of(error.code)),
    );
    print(`${topic} ${payload}: ${await lastValueFrom(outcome$)}`);
  }
  serving.unsubscribe();
  await Promise.all([client.end(), server.end()]);
}

standalone('rpc', (url) => rpc(url));
