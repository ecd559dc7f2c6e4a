import { firstValueFrom, of, throwError } from 'rxjs';
import {
  AWS_IOT_LIMITS,
  awsIot,
  awsIotAuthorizer,
  awsIotMtls,
  type AwsCredentials,
  type AwsIotOptions,
} from '../../src/aws/index.js';
import { connect, type ClientOptions, type MqttError } from '../../src/index.js';

const endpoint = 'example-ats.iot.eu-central-1.amazonaws.com';
const credentials: AwsCredentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const urlOf = async (options: AwsIotOptions): Promise<URL> =>
  new URL((await firstValueFrom(awsIot(options).beforeConnect())).url ?? '');
const made = (options: ClientOptions): void => void connect({ ...options, lazy: true }).end();

describe('awsIot', () => {
  it('[awscrt] default path of WebSockets: dials /mqtt at port 443, and shows no secret', () => {
    expect(awsIot({ endpoint, credentials }).url).toBe(`wss://${endpoint}:443/mqtt`);
  });

  it('[awscrt] websocket_handshake_transform: asks for the credentials anew at each attempt', async () => {
    let asked = 0;
    const options = awsIot({ endpoint, credentials: () => of({ ...credentials, accessKeyId: `A${++asked}` }) });
    const keys = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const { url = '' } = await firstValueFrom(options.beforeConnect());
      keys.push(new URL(url).searchParams.get('X-Amz-Credential')?.split('/')[0]);
    }
    expect(keys).toEqual(['A1', 'A2', 'A3']);
  });

  it.each<[string, AwsIotOptions['credentials']]>([
    ['a value', credentials],
    ['a function', () => credentials],
    ['a function of a promise', () => Promise.resolve(credentials)],
    ['a function of an Observable', () => of(credentials)],
  ])('takes %s', async (_what, source) => {
    const url = await urlOf({ endpoint, credentials: source });
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKIDEXAMPLE\/\d{8}\/eu-central-1\/iotdevicegateway\//);
  });

  it.each([
    ['example-ats.iot.us-east-1.amazonaws.com', 'us-east-1'],
    ['example.iot.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['data.iot-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ])('finds the region of %s', async (host, region) => {
    const url = await urlOf({ endpoint: host, credentials });
    expect(url.searchParams.get('X-Amz-Credential')?.split('/')[2]).toBe(region);
  });

  it('takes the region of a domain of one’s own as an option, and asks for it', async () => {
    const url = await urlOf({ endpoint: 'iot.example.org', region: 'eu-west-1', credentials });
    expect(url.searchParams.get('X-Amz-Credential')?.split('/')[2]).toBe('eu-west-1');
    expect(() => awsIot({ endpoint: 'iot.example.org', credentials })).toThrow(/names no region; give it as region/);
  });

  it.each([`wss://${endpoint}`, `https://${endpoint}/mqtt`, '', 'a b'])('refuses the endpoint "%s"', (wrong) => {
    expect(() => awsIot({ endpoint: wrong, credentials })).toThrow(TypeError);
  });

  it.each<[string, object | null]>([
    ['no accessKeyId', { secretAccessKey: 'secret' }],
    ['no secretAccessKey', { accessKeyId: 'A', secretAccessKey: '' }],
    ['sessionToken is not a string', { ...credentials, sessionToken: 5 }],
    ['no accessKeyId', null],
  ])('names what credentials lack: %s', async (problem, wrong) => {
    const given = wrong as AwsCredentials;
    expect(() => awsIot({ endpoint, credentials: given })).toThrow(problem);
    await expect(urlOf({ endpoint, credentials: () => Promise.resolve(given) })).rejects.toMatchObject({
      name: 'ConnectError',
      code: 'AUTH_FAILED',
      message: expect.stringContaining(problem) as string,
    });
  });

  it('fails the attempt with a typed error that keeps the cause', async () => {
    const cause = new Error('pool away');
    for (const source of [() => throwError(() => cause), () => Promise.reject(cause)]) {
      await expect(urlOf({ endpoint, credentials: source })).rejects.toMatchObject({ code: 'AUTH_FAILED', cause });
    }
  });

  it('says that Web Crypto is missing', async () => {
    const { crypto } = globalThis;
    Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
    try {
      await expect(urlOf({ endpoint, credentials })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    } finally {
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
    }
  });
});

describe('awsIotMtls', () => {
  const tls = { cert: 'certificate', key: 'key' };

  it('[AWSIoTPythonSDK] configureEndpoint(host, 8883)', () => {
    expect(awsIotMtls({ endpoint, tls })).toMatchObject({ url: `mqtts://${endpoint}:8883`, tls });
  });

  it('[AWSIoTPythonSDK] configureEndpoint(host, 443): with ALPN', () => {
    expect(awsIotMtls({ endpoint, tls, port: 443 })).toMatchObject({
      url: `mqtts://${endpoint}:443`,
      tls: { ...tls, ALPNProtocols: ['x-amzn-mqtt-ca'] },
    });
  });
});

describe('awsIotAuthorizer', () => {
  const custom = { endpoint, authorizer: 'Door', token: ['key', 't&1'], signature: 'a+/=' } as const;

  it('puts the parameters into the user name', () => {
    expect(awsIotAuthorizer({ ...custom, username: 'me', password: 'p' })).toMatchObject({
      url: `wss://${endpoint}:443/mqtt`,
      username: 'me?x-amz-customauthorizer-name=Door&key=t%261&x-amz-customauthorizer-signature=a%2B%2F%3D',
      password: 'p',
    });
  });

  it('dials TLS with the ALPN of custom authorizers', () => {
    expect(awsIotAuthorizer({ ...custom, scheme: 'mqtts' })).toMatchObject({
      url: `mqtts://${endpoint}:443`,
      tls: { ALPNProtocols: ['mqtt'] },
    });
  });

  it('has no user name for the default authorizer without a token', () => {
    expect(awsIotAuthorizer({ endpoint })).not.toHaveProperty('username');
  });
});

const metrics = { sdk: 'hall', version: '1.2' };
describe.each<[string, (named: { metrics?: typeof metrics }) => ClientOptions]>([
  ['awsIot', (named) => awsIot({ endpoint, credentials, ...named })],
  ['awsIotMtls', (named) => awsIotMtls({ endpoint, tls: {}, ...named })],
  ['awsIotAuthorizer', (named) => awsIotAuthorizer({ endpoint, ...named })],
])('%s', (_name, options) => {
  it('[AWSIoTPythonSDK] enableMetricsCollection: names the program only when asked for', () => {
    expect(options({}).username).toBeUndefined();
    expect(options({ metrics }).username).toBe('?SDK=hall&Version=1.2');
  });

  it('holds AWS_IOT_LIMITS', () => {
    expect(options({})).toMatchObject(AWS_IOT_LIMITS);
    expect(() => made(options({}))).not.toThrow();
  });

  it.each([0, 5, 29, 1201])('takes no keep-alive of %d s', (keepalive) => {
    expect(() => made({ ...options({}), keepalive })).toThrow(
      `connect: keepalive is ${keepalive}; give a number from 30 to 1200 s`,
    );
  });

  it('takes no will at QoS 2', () => {
    expect(() => made({ ...options({}), will: { topic: 'a', qos: 2 } })).toThrow('will: QoS 2 is above limits.qos');
  });

  it('refuses QoS 2 at once, and lowers it with downgradeQos', async () => {
    const strict = connect({ ...options({}), lazy: true });
    await expect(firstValueFrom(strict.publish('a', '', { qos: 2 }))).rejects.toMatchObject({
      name: 'PublishError',
      code: 'NOT_SUPPORTED',
    } satisfies Partial<MqttError>);
    await strict.end();
  });
});
