import { connect, durable, memoryStore } from '../../src/index.js';

describe('the option store', () => {
  const session = { clientId: 'hall-7', lazy: true } as const;

  it.each([
    ['a plain store', memoryStore()],
    ['a database', { open: () => undefined, batch: () => undefined }],
    ['a string', './queue'],
    ['null', null],
  ])('refuses %s with a TypeError that says what to write', (_, store) => {
    expect(() => connect('mqtt://localhost', { ...session, store: store as never })).toThrow(
      new TypeError('connect: store is not the result of durable(); write store: durable(yourStore)'),
    );
  });

  it('accepts the result of durable()', async () => {
    await connect('mqtt://localhost', { ...session, store: durable(memoryStore()) }).end();
  });
});
