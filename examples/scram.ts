import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { firstValueFrom, lastValueFrom, filter } from 'rxjs';
import { connect, scramSha256 } from 'rxmqtt';
import { createBroker, type EnhancedAuthenticator } from 'rxmqtt/broker';

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const hash = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const xor = (a: Uint8Array, b: Uint8Array): Buffer => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));

/** What a server keeps of a password: from neither key can a client be played. */
export function credentials(password: string, salt = randomBytes(16), iterations = 4096) {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  return { salt, iterations, storedKey: hash(hmac(salted, 'Client Key')), serverKey: hmac(salted, 'Server Key') };
}

/** The server's side of SCRAM-SHA-256 (RFC 7677). */
export function scramServer(users: ReadonlyMap<string, ReturnType<typeof credentials>>): EnhancedAuthenticator {
  return ({ data, memory }) => {
    const message = Buffer.from(data ?? []).toString();
    const first = memory.get('first') as { user: string; bare: string; challenge: string; nonce: string } | undefined;
    if (first === undefined) {
      const [, bare = '', user = '', clientNonce = ''] = /^n,,(n=([^,]*),r=([^,]+))$/.exec(message) ?? [];
      const known = users.get(user);
      if (known === undefined) return false;
      const nonce = clientNonce + randomBytes(18).toString('base64');
      const challenge = `r=${nonce},s=${known.salt.toString('base64')},i=${known.iterations}`;
      memory.set('first', { user, bare, challenge, nonce });
      return { status: 'continue', data: Buffer.from(challenge) };
    }
    const [, withoutProof = '', nonce, proof = ''] = /^(c=biws,r=([^,]+)),p=(.+)$/.exec(message) ?? [];
    const known = users.get(first.user);
    if (known === undefined || nonce !== first.nonce) return false;
    const authMessage = `${first.bare},${first.challenge},${withoutProof}`;
    const clientKey = xor(Buffer.from(proof, 'base64'), hmac(known.storedKey, authMessage));
    if (!hash(clientKey).equals(known.storedKey)) return false;
    const signature = hmac(known.serverKey, authMessage).toString('base64');
    return { status: 'success', data: Buffer.from(`v=${signature}`) };
  };
}

/** A client and a broker that prove to each other that they know a password, which neither of them sends. */
export async function scram(print: (line: string) => void = console.log): Promise<void> {
  const users = new Map([['hall-7', credentials('correct horse')]]);
  const broker = createBroker({
    listeners: ['tcp://127.0.0.1:0'],
    enhancedAuthentication: { 'SCRAM-SHA-256': scramServer(users) },
  });
  const [url = ''] = await broker.listening;

  for (const password of ['correct horse', 'wrong horse']) {
    // By default a refused client tries again with backoff: a source of credentials may know better next time.
    const client = connect(url, { auth: scramSha256({ username: 'hall-7', password }), reconnect: false });
    const state = await firstValueFrom(
      client.state$.pipe(filter(({ status }) => status === 'connected' || status === 'ended')),
    );
    print(`${password}: ${state.status}`);
    if (state.status === 'connected') {
      await lastValueFrom(client.reauthenticate());
      print('authenticated anew');
    }
    await client.end();
  }
  await broker.close();
}

if (basename(process.argv[1] ?? '', '.ts') === 'scram') void scram();
