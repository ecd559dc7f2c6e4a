import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { connectToPlant } from '../../../examples/recipes/ca-file.js';
import { connectWithCertificate } from '../../../examples/recipes/client-certificates.js';
import { connectWithToken, type Token } from '../../../examples/recipes/token-login.js';
import { createBroker, type Broker, type BrokerOptions } from '../../../src/broker/index.js';
import type { MqttClient } from '../../../src/index.js';
import { makeCertificates } from '../../support/certificates.js';

const SOON = { minDelay: 5, maxDelay: 20 };
const HOUR = 3_600_000;

let broker: Broker;
let client: MqttClient;

async function started(options: BrokerOptions): Promise<string> {
  broker = createBroker(options);
  const [url = ''] = await broker.listening;
  return url;
}
afterEach(async () => {
  await client.end({ force: true });
  await broker.close();
});

describe('token-login.ts', () => {
  /** Tokens that the broker lets in, each until it expires. */
  const valid = new Map<string, number>();
  let fetched: string[];

  const login = async (lives: readonly number[]): Promise<string> => {
    fetched = [];
    valid.clear();
    const url = await started({
      listeners: ['tcp://127.0.0.1:0'],
      authenticate: ({ password }) => {
        const expiresAt = valid.get(Buffer.from(password ?? []).toString());
        return expiresAt !== undefined && { expiresAt };
      },
    });
    const fetchToken = (): Promise<Token> => {
      const value = `token-${fetched.length + 1}`;
      const expiresAt = Date.now() + (lives[fetched.length] ?? HOUR);
      fetched.push(value);
      valid.set(value, expiresAt);
      return Promise.resolve({ value, expiresAt });
    };
    client = connectWithToken(url, fetchToken, { reconnect: SOON });
    return url;
  };

  it('logs in again with the same token while it is good', async () => {
    await login([]);
    await firstValueFrom(broker.connected$);
    const again = firstValueFrom(broker.connected$);
    broker.dropConnections();
    await again;
    expect(fetched).toEqual(['token-1']);
  });

  it('fetches another one at the next reconnect when the old one has been refused', async () => {
    await login([]);
    await firstValueFrom(broker.connected$);
    valid.delete('token-1');
    const refused = firstValueFrom(broker.refused$);
    const again = firstValueFrom(broker.connected$);
    broker.dropConnections();
    expect((await refused).reasonCode).toBe(0x86);
    await again;
    expect(fetched).toEqual(['token-1', 'token-2']);
  });

  it('comes back with a new token before the old one expires', async () => {
    const ended: number[] = [];
    await login([30_100]);
    broker.disconnected$.subscribe(({ how, reasonCode }) => ended.push(how === 'disconnect' ? 0 : reasonCode));
    await firstValueFrom(broker.connected$.pipe(take(2), toArray()));
    expect(fetched).toEqual(['token-1', 'token-2']);
    // The client left by DISCONNECT; the broker did not have to end the connection.
    expect(ended).toEqual([0]);
  });

  it('fetches another one when the broker ends the connection because the token has expired', async () => {
    await login([]);
    await firstValueFrom(broker.connected$);
    const ended = firstValueFrom(broker.disconnected$);
    const again = firstValueFrom(broker.connected$);
    // By its own clock the client would go on with it for an hour.
    valid.delete('token-1');
    broker.disconnectClient([...(await firstValueFrom(broker.clients$)).keys()][0]!, 0x87);
    expect(await ended).toMatchObject({ how: 'kicked', reasonCode: 0x87 });
    await again;
    expect(fetched).toEqual(['token-1', 'token-2']);
  });
});

describe('with certificates', () => {
  const { ca, strangerCa, server, serverRsa, client: device } = makeCertificates();
  const tls = { cert: server.cert, key: server.key };
  let folder: string;
  const file = (name: string): string => join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxmqtt-recipes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('ca-file.ts says that an authority is not trusted, and connects once it is in the file', async () => {
    const url = await started({ listeners: ['mqtts://127.0.0.1:0'], tls });
    writeFileSync(file('ca.crt'), strangerCa.cert);
    const warnings: string[] = [];
    const warned = new Promise<void>((resolve) => {
      client = connectToPlant(url, file('ca.crt'), { warn: (text) => resolve(void warnings.push(text)) });
    });
    await warned;
    expect(warnings[0]).toMatch(/certificate.*not trusted|not signed by the authority/);
    writeFileSync(file('ca.crt'), strangerCa.cert + ca.cert);
    expect(await firstValueFrom(client.reconnect())).toMatchObject({ status: 'connected', url });
  });

  it('client-certificates.ts shows a renewed certificate without a restart', async () => {
    const seen: string[] = [];
    const url = await started({
      listeners: ['mqtts://127.0.0.1:0'],
      tls: { ...tls, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
      authenticate: ({ certificate }) => {
        seen.push((certificate as { subject: { CN: string } }).subject.CN);
        return true;
      },
    });
    writeFileSync(file('ca.crt'), ca.cert);
    writeFileSync(file('client.crt'), device.cert);
    writeFileSync(file('client.key'), device.key);
    client = connectWithCertificate(url, folder, { quiet: 50 });
    await firstValueFrom(client.connected$);
    const renewed = firstValueFrom(broker.connected$);
    // As an ACME client does it: new files that take the place of the old ones.
    writeFileSync(file('new.key'), serverRsa.key);
    writeFileSync(file('new.crt'), serverRsa.cert);
    copyFileSync(file('new.key'), file('client.key'));
    copyFileSync(file('new.crt'), file('client.crt'));
    await renewed;
    await firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'connected')));
    expect(seen).toEqual(['client', 'server-rsa']);
  });
});
