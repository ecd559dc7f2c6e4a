import { firstValueFrom, isObservable } from 'rxjs';
import type { AuthenticateRequest } from '../../src/broker/index.js';
import { userLine, usersOf } from '../../src/cli/users.js';

function asks(file: string): (username: string | undefined, password: string | undefined) => Promise<boolean | number> {
  const authenticate = usersOf(file);
  return async (username, password) => {
    const answer = authenticate({
      clientId: 'c',
      username,
      password: password === undefined ? undefined : new TextEncoder().encode(password),
    } as AuthenticateRequest);
    return isObservable(answer) ? firstValueFrom(answer) : answer;
  };
}

describe('the users file of the broker', () => {
  it('admits its users with the right password, hashed or plain', async () => {
    const may = asks(`# people\n\n${await userLine('hall', 'a:b $c')}\r\nshed:correct horse\n`);
    expect(await may('hall', 'a:b $c')).toBe(true);
    expect(await may('shed', 'correct horse')).toBe(true);
  });

  it.each([
    ['another password', 'hall', 'wrong'],
    ['the password of another user', 'hall', 'correct horse'],
    ['an unknown user', 'nobody', 'secret'],
    ['an empty password', 'hall', ''],
    ['no password', 'hall', undefined],
    ['no user name', undefined, 'secret'],
    ['the hash itself as the password', 'hall', 'scrypt$'],
  ])('keeps out %s', async (_name, username, password) => {
    const may = asks(`${await userLine('hall', 'secret')}\nshed:correct horse`);
    expect(await may(username, password)).toBe(false);
  });

  it('has a new salt in each line, and the password in none', async () => {
    const [first, second] = [await userLine('hall', 'secret'), await userLine('hall', 'secret')];
    expect(first).toMatch(/^hall:scrypt\$[\w+/=]+\$[\w+/=]+$/);
    expect(first).not.toBe(second);
  });

  it.each([
    ['no colon', 'hall'],
    ['no name', ':secret'],
    ['no password', 'hall:'],
    ['a hash that was cut', 'hall:scrypt$AAAA$AAAA'],
    ['a hash without salt', `hall:scrypt$$${Buffer.alloc(32).toString('base64')}`],
    ['a user twice', 'hall:a\nhall:b'],
  ])('is refused with the number of the line, and without what stands there: %s', (_name, text) => {
    const line = text.split('\n').length;
    expect(() => usersOf(text)).toThrow(new RegExp(`^line ${line} (is not name:password|repeats a user)`));
  });
});
