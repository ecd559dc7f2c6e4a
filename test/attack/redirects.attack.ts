import fc from 'fast-check';
import { throwError } from 'rxjs';
import { ReasonCode, type ConnectPacket, type ConnectTarget } from 'rxmqtt';
import { connack, mqttTest, type Move } from 'rxmqtt/testing';

const RUNS = process.env['ATTACK'] === 'long' ? 1500 : 60;
const HOME = 'mqtt://home';
const PLACES = ['home:1883', 'home:1884', 'a', 'b', 'c', '[::1]:7'];

/** What a broker does to a CONNECT. */
type Malice =
  | { readonly kind: 'refer'; readonly moved: boolean; readonly to: readonly string[] }
  | { readonly kind: 'refuse'; readonly code: number }
  | { readonly kind: 'dead' };

const malice: fc.Arbitrary<Malice> = fc.oneof(
  fc.record({
    kind: fc.constant('refer' as const),
    moved: fc.boolean(),
    to: fc.array(fc.constantFrom(...PLACES, 'user@evil', 'mqtt://evil', ''), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('refuse' as const),
    code: fc.constantFrom(ReasonCode.BANNED, ReasonCode.NOT_AUTHORIZED, ReasonCode.SERVER_BUSY),
  }),
  fc.constant({ kind: 'dead' as const }),
);

/** What each place but the home port does, and to where home refers at first. */
const world = fc.record({
  strangers: fc.tuple(malice, malice, malice, malice, malice),
  home: fc.record({ moved: fc.boolean(), to: fc.array(fc.constantFrom(...PLACES), { minLength: 1, maxLength: 3 }) }),
});

const originOf = (url: string): string => {
  const { hostname, port } = new URL(url.replace(/^mqtt:/, 'http:'));
  return `${hostname}:${port === '' ? '1883' : port}`;
};

it('brokers that refer to each other, refuse and die learn no secret, and the client comes home when they stop', () => {
  fc.assert(
    fc.property(world, ({ strangers, home }) => {
      const others = PLACES.slice(1).map((place) => originOf(`mqtt://${place}`));
      const malices = new Map(others.map((place, at) => [place, strangers[at] as Malice]));
      const shown: { readonly origin: string; readonly connect: ConnectPacket }[] = [];
      let isOver = false;
      let here = '';
      mqttTest(
        (t) => {
          const transport = (target: ConnectTarget) => {
            here = originOf(target.url);
            if (target.url.includes('s3cret') && here !== 'home:1883') throw new Error(`${here} learns the URL`);
            const isDead = malices.get(here)?.kind === 'dead' || (isOver && here !== 'home:1883');
            return isDead ? throwError(() => new Error('nothing listens')) : t.broker.transport(target);
          };
          t.answer('connect', (connect): Move => {
            shown.push({ origin: here, connect });
            const act: Malice = here === 'home:1883' ? { kind: 'refer', ...home } : (malices.get(here) as Malice);
            if (here === 'home:1883' && isOver) return connack({ properties: { authenticationMethod: 'PIN' } });
            if (act.kind !== 'refer') return connack({ reasonCode: act.kind === 'refuse' ? act.code : 0x88 });
            const reasonCode = act.moved ? ReasonCode.SERVER_MOVED : ReasonCode.USE_ANOTHER_SERVER;
            return connack({ reasonCode, properties: { serverReference: act.to.join(' ') } });
          });
          const client = t.connect({
            clientId: 'c',
            url: `${HOME}?token=s3cret`,
            username: 'u',
            password: 's3cret',
            will: { topic: 'gone', payload: 's3cret' },
            auth: { method: 'PIN', start: () => 's3cret' },
            transport,
            followRedirect: true,
            reconnect: { minDelay: 100, maxDelay: 1000 },
          });
          t.to('20s');
          expect(client.state.status).not.toBe('ended');
          isOver = true;
          t.to('60s');
          expect(client.state).toMatchObject({ status: 'connected', url: 'mqtt://home:1883' });
        },
        { broker: false },
      );
      for (const { origin, connect } of shown) {
        if (origin === 'home:1883') expect(connect).toMatchObject({ username: 'u', will: { topic: 'gone' } });
        else expect(JSON.stringify(connect)).not.toMatch(/username":"|gone|PIN/);
      }
    }),
    { numRuns: RUNS },
  );
});
