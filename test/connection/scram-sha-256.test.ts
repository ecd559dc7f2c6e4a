import { firstValueFrom, from, lastValueFrom, of, toArray } from 'rxjs';
import type { AuthMechanism } from '../../src/connection/auth-mechanism.js';
import type { ScramOptions } from '../../src/connection/scram-exchange.js';
import { scramSha256 } from '../../src/connection/scram-sha-256.js';
import { decodeUtf8, encodeUtf8 } from '../../src/utf8.js';

// The example of RFC 7677, section 3.
const user = { username: 'user', password: 'pencil', nonce: () => 'rOprNGfwEbeRWgbNEkqO' };
const NONCE = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const CHALLENGE = `r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const ANSWER = `c=biws,r=${NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
const SIGNATURE = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

const answering = (mechanism: AuthMechanism, ...challenges: string[]): Promise<unknown> =>
  lastValueFrom(from(mechanism.next?.(from(challenges.map((text) => encodeUtf8(text)))) ?? of()).pipe(toArray()));

const begun = (options: Partial<ScramOptions> = {}): AuthMechanism => {
  const mechanism = scramSha256({ ...user, ...options })();
  mechanism.start();
  return mechanism;
};

describe('SCRAM-SHA-256', () => {
  it('speaks as in the example of RFC 7677', async () => {
    const mechanism = scramSha256(user)();
    expect(mechanism.method).toBe('SCRAM-SHA-256');
    expect(mechanism.start()).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    expect(await answering(mechanism, CHALLENGE)).toEqual([ANSWER]);
    expect(mechanism.verify?.(encodeUtf8(SIGNATURE))).toBe(true);
  });

  it.each([
    ['a wrong signature', SIGNATURE.replace('6', '7')],
    ['no signature', ''],
    ['an error', 'e=other-error'],
  ])('rejects a broker that ends with %s', async (_title, final) => {
    const mechanism = begun();
    await answering(mechanism, CHALLENGE);
    expect(() => mechanism.verify?.(encodeUtf8(final))).toThrow();
    expect(() => mechanism.verify?.(undefined)).toThrow();
  });

  it('rejects a broker that accepts without a challenge', () => {
    expect(() => begun().verify?.(encodeUtf8(SIGNATURE))).toThrow('without a challenge');
  });

  it.each([
    ['another nonce', CHALLENGE.replace('rOpr', 'xOpr')],
    ['our nonce and nothing else', CHALLENGE.replace(NONCE, 'rOprNGfwEbeRWgbNEkqO')],
    ['too few iterations', CHALLENGE.replace('4096', '4095')],
    ['so many iterations that we would hang', CHALLENGE.replace('4096', '2000000000')],
    ['something else', 'hello'],
  ])('rejects a challenge with %s', async (_title, challenge) => {
    await expect(answering(begun(), challenge)).rejects.toThrow();
  });

  it('answers one challenge per exchange', async () => {
    await expect(answering(begun(), CHALLENGE, CHALLENGE)).rejects.toThrow('second challenge');
  });

  it('escapes the user name, and uses a fresh nonce each time', () => {
    const make = scramSha256({ username: 'a=b,c', password: 'x' });
    const [one, two] = [make().start(), make().start()] as [string, string];
    expect(one).toMatch(/^n,,n=a=3Db=2Cc,r=[A-Za-z0-9+/]{24}$/);
    expect(one).not.toBe(two);
  });

  it('never sends the password', async () => {
    const answers = (await answering(begun(), CHALLENGE)) as string[];
    expect(answers.join()).not.toContain('pencil');
  });

  it.each([
    { username: '', password: 'x' },
    { username: 'x', password: '' },
    { username: 'a\u0007', password: 'x' },
  ])('refuses unusable credentials: %j', (options) => {
    expect(() => scramSha256(options)).toThrow(TypeError);
  });

  it('answers in UTF-8 text', async () => {
    const mechanism = scramSha256({ ...user, username: 'J\u00fcrgen' })();
    expect(decodeUtf8(encodeUtf8(mechanism.start() as string))).toContain('n=J\u00fcrgen');
    const answers$ = mechanism.next?.(of(encodeUtf8(CHALLENGE)));
    expect(await firstValueFrom(from(answers$ ?? of('')))).toMatch(/^c=biws,/);
  });
});
