import type { Store } from '../../src/session/store.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** What every store has to do; `open` gives an empty one, and opens the same one again. */
export function storeContract(
  name: string,
  open: () => Promise<{ store: Store; reopen?: () => Promise<Store> }>,
): void {
  describe(`store: ${name}`, () => {
    it('is empty at first', async () => {
      const { store } = await open();
      expect(await store.load('a/')).toEqual([]);
    });

    it('gives back what was put, in the order of the keys, and only below the prefix', async () => {
      const { store } = await open();
      await store.write([
        { type: 'put', key: 'a/b2', value: bytes(2) },
        { type: 'put', key: 'a/b10', value: bytes(10) },
        { type: 'put', key: 'ab', value: bytes(9) },
        { type: 'put', key: 'b/a', value: bytes(8) },
        { type: 'put', key: 'a/', value: bytes() },
      ]);
      const records = await store.load('a/');
      expect(records.map(({ key }) => key)).toEqual(['a/', 'a/b10', 'a/b2']);
      expect(records.map(({ value }) => [...value])).toEqual([[], [10], [2]]);
    });

    it('applies the changes of a write in their order', async () => {
      const { store } = await open();
      await store.write([
        { type: 'put', key: 'k1', value: bytes(1) },
        { type: 'put', key: 'k1', value: bytes(2) },
        { type: 'put', key: 'k2', value: bytes(3) },
        { type: 'del', key: 'k2' },
        { type: 'del', key: 'k3' },
        { type: 'put', key: 'k3', value: bytes(4) },
      ]);
      expect((await store.load('k')).map(({ key, value }) => [key, ...value])).toEqual([
        ['k1', 2],
        ['k3', 4],
      ]);
    });

    it('takes an empty write, and a delete of what is not there', async () => {
      const { store } = await open();
      await store.write([]);
      await store.write([{ type: 'del', key: 'nothing' }]);
      expect(await store.load('')).toEqual([]);
    });

    it('keeps values of any bytes and of 1 MiB', async () => {
      const { store } = await open();
      const large = new Uint8Array(1 << 20).map((_, index) => index % 251);
      await store.write([{ type: 'put', key: 'large', value: large }]);
      const [record] = await store.load('large');
      expect(Buffer.compare(record?.value ?? bytes(), large)).toBe(0);
    });

    it('still has everything when it is opened again', async () => {
      const { store, reopen } = await open();
      await store.write([{ type: 'put', key: 'session/x', value: bytes(1, 2, 3) }]);
      const again = reopen === undefined ? store : await reopen();
      expect((await again.load('session/')).map(({ key, value }) => [key, ...value])).toEqual([['session/x', 1, 2, 3]]);
    });
  });
}
