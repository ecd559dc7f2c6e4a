import fc from 'fast-check';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { connect, json, request, respond } from 'rxmqtt';
import { createBroker } from 'rxmqtt/broker';

const RUNS = process.env['ATTACK'] === 'long' ? 5000 : 500;

/** A request as a stranger makes it. */
const attack = fc.record({
  payload: fc.oneof(
    fc.constantFrom('not json', 'null', '{}', '"', '[', '7', '[{}]'),
    fc.string({ unit: 'grapheme', maxLength: 50 }),
  ),
  responseTopic: fc.constantFrom(
    'forbidden/x',
    '$SYS/x',
    'calc/add',
    'back',
    '$share/g/x',
    'a'.repeat(60_000),
    '\u202e',
  ),
  correlationData: fc.option(fc.uint8Array({ maxLength: 100 }), { nil: undefined }),
  qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
});

it('the service of the README answers every honest request among those that are made to end it', async () => {
  const broker = createBroker({
    listeners: ['tcp://127.0.0.1:0'],
    authorizePublish: ({ topic }) => !topic.startsWith('forbidden'),
  });
  const [url = ''] = await broker.listening;
  const options = { clean: false, sessionExpiry: 600 } as const;
  const service = connect(url, { clientId: 'service', ...options });
  const stranger = connect(url, { clientId: 'stranger' });
  const honest = connect(url, { clientId: 'honest' });
  let faults = 0;
  let connections = 0;
  service.faults$.subscribe(() => faults++);
  service.state$.subscribe(({ status }) => (connections += status === 'connected' ? 1 : 0));
  const serving = respond(service, 'calc/add', (asked) =>
    String(asked.json<number[]>().reduce((sum, one) => sum + one)),
  ).subscribe();
  await firstValueFrom(service.granted('calc/add'));
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(attack, { minLength: 1, maxLength: 20 }), async (attacks) => {
      for (const { payload, responseTopic, correlationData, qos } of attacks) {
        const properties = { responseTopic, ...(correlationData === undefined ? {} : { correlationData }) };
        stranger.publish('calc/add', payload, { qos, properties }).subscribe({ error: () => undefined });
      }
      const sum$ = request(honest, 'calc/add', JSON.stringify([1, 2, ++asked])).pipe(json<number>());
      expect(await lastValueFrom(sum$)).toBe(3 + asked);
    }),
    { numRuns: RUNS / 10, endOnFailure: true },
  );
  expect(serving.closed).toBe(false);
  expect(faults).toBeGreaterThan(0);
  expect(connections).toBe(1);
  await Promise.all([service.end(), stranger.end(), honest.end()]);
  await broker.close();
});
