import { firstValueFrom, filter, lastValueFrom } from 'rxjs';
import {
  type ClientOptions,
  connect,
  ConnectError,
  type ConnectionState,
  type MqttClient,
  type TlsOptions,
} from '../../src/index.js';
import { PASSWORD, startMosquitto, USERNAME, type Mosquitto } from './mosquitto.js';

let mosquitto: Mosquitto;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
});
afterAll(() => mosquitto.stop());

const open = (to: string, options: Omit<ClientOptions, 'url'> = {}): MqttClient => {
  const client = connect(to, options);
  clients.push(client);
  return client;
};

/** The first state that is not a step on the way. */
const outcome = (client: MqttClient): Promise<ConnectionState> =>
  firstValueFrom(client.state$.pipe(filter(({ status }) => status !== 'idle' && status !== 'connecting')));

describe.each([4, 5] as const)('with protocol version %i', (protocolVersion) => {
  it('is let in with user name and password', async () => {
    const client = open(mosquitto.url('password'), { protocolVersion, username: USERNAME, password: PASSWORD });
    expect(await outcome(client)).toMatchObject({ status: 'connected' });
  });

  it('takes user name and password from the URL, and shows neither', async () => {
    const secret = `mqtt://${USERNAME}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${mosquitto.ports.password}`;
    const state = await outcome(open(secret, { protocolVersion }));
    expect(state).toMatchObject({ status: 'connected', url: mosquitto.url('password') });
  });

  it.each([
    ['a wrong password', { username: USERNAME, password: 'guess' }],
    ['no credentials', {}],
  ])('ends for good with %s, and does not try again', async (_, credentials) => {
    const client = open(mosquitto.url('password'), { protocolVersion, ...credentials });
    const state = await outcome(client);
    expect(state.status).toBe('ended');
    const { reason } = state as Extract<ConnectionState, { status: 'ended' }>;
    expect(reason).toBeInstanceOf(ConnectError);
    expect(reason?.reasonCode).toBe(protocolVersion === 5 ? 0x87 : 5);
    await expect(lastValueFrom(client.publish('a', 'b'))).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('TLS', () => {
  const tls = (options: TlsOptions): MqttClient => open(mosquitto.url('tls'), { reconnect: false, tls: options });

  it.each(['PEM', 'DER'] as const)('trusts the authority that is given as %s', async (form) => {
    const { ca } = mosquitto.certificates;
    expect(await outcome(tls({ ca: form === 'PEM' ? ca.cert : ca.certDer }))).toMatchObject({ status: 'connected' });
  });

  it.each(['tls', 'wss'] as const)(
    'refuses a broker whose certificate another authority signed, over %s',
    async (to) => {
      const { strangerCa } = mosquitto.certificates;
      const client = open(mosquitto.url(to), { reconnect: false, tls: { ca: strangerCa.cert } });
      const state = await outcome(client);
      expect(state.status).toBe('ended');
      expect((state as Extract<ConnectionState, { status: 'ended' }>).reason?.message).toMatch(/certificate/);
    },
  );

  it('refuses a certificate for another name', async () => {
    const { ca } = mosquitto.certificates;
    const state = await outcome(tls({ ca: ca.cert, servername: 'elsewhere.example' }));
    expect(state.status).toBe('ended');
  });

  it('takes any certificate only when it is told so', async () => {
    expect(await outcome(tls({ rejectUnauthorized: false }))).toMatchObject({ status: 'connected' });
  });

  it.each(['PEM', 'DER'] as const)('shows a client certificate, given as %s', async (form) => {
    const { ca, client: own } = mosquitto.certificates;
    const given = form === 'PEM' ? { cert: own.cert, key: own.key } : { cert: own.certDer, key: own.keyDer };
    const client = open(mosquitto.url('mutualTls'), { reconnect: false, tls: { ca: ca.cert, ...given } });
    expect(await outcome(client)).toMatchObject({ status: 'connected' });
  });

  it('is not let in without the client certificate that the broker asks for', async () => {
    const { ca } = mosquitto.certificates;
    const client = open(mosquitto.url('mutualTls'), { reconnect: false, tls: { ca: ca.cert } });
    expect(await outcome(client)).toMatchObject({ status: 'ended', reason: { name: 'ConnectError' } });
  });
});
