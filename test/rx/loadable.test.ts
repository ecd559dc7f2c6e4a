import { firstValueFrom } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { ErrorCode, MqttError } from '../../src/errors.js';
import { atHand, LoadedLater } from '../../src/rx/loadable.js';

describe('a part that is loaded later', () => {
  it('is loaded once it is asked for, and not again', async () => {
    let loads = 0;
    const part = new LoadedLater('tests', () => {
      loads++;
      return Promise.resolve({ answer: 42 });
    });
    expect([part.loaded, loads]).toEqual([undefined, 0]);
    expect(await firstValueFrom(part.part$)).toEqual({ answer: 42 });
    expect(await firstValueFrom(part.part$)).toBe(part.loaded);
    expect(loads).toBe(1);
  });

  it('errors with NOT_LOADED, says what to do, and may be asked again', async () => {
    let works = false;
    const part = new LoadedLater('tests', () => (works ? Promise.resolve('here') : Promise.reject(new Error('404'))));
    const error: unknown = await firstValueFrom(part.part$).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MqttError);
    expect(error).toMatchObject({
      code: ErrorCode.NOT_LOADED,
      message: expect.stringMatching(
        /^the part of rxmqtt for tests could not be loaded: 404 .*'rxmqtt\/single'/,
      ) as string,
    });
    works = true;
    expect(await firstValueFrom(part.part$)).toBe('here');
  });

  it('is waited for half a minute at most', () => {
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(({ expectObservable }) => {
      const part = new LoadedLater('tests', () => new Promise<never>(() => undefined));
      const error = new MqttError(
        'the part of rxmqtt for tests could not be loaded: it took longer than 30000 ms (serve all files of the ' +
          "build, or import 'rxmqtt/single', which is one file)",
        { code: ErrorCode.NOT_LOADED, cause: new Error('it took longer than 30000 ms') },
      );
      expectObservable(part.part$).toBe('30s #', undefined, error);
    });
  });
});

it('a part that is at hand comes at once', () => {
  const seen: unknown[] = [];
  atHand('here').part$.subscribe((part) => seen.push(part));
  expect(seen).toEqual(['here']);
});
