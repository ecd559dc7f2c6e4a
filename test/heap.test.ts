import fc from 'fast-check';
import { Heap, type HeapItem } from '../src/heap.js';

interface Item extends HeapItem {
  readonly value: number;
}

test('a heap keeps the smallest element first, for any sequence of adding and removing', () => {
  const step = fc.oneof(
    fc.record({ add: fc.nat(20) }),
    fc.record({ remove: fc.nat(20) }), // the element at this place of the list, if there is one
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new Heap<Item>((a, b) => a.value - b.value);
      const list: Item[] = [];
      for (const one of steps) {
        if ('add' in one) {
          const item = { value: one.add, at: -1 };
          heap.add(item);
          list.push(item);
        } else {
          for (const item of list.splice(one.remove, 1)) heap.remove(item);
        }
        const sorted = list.map(({ value }) => value).sort((a, b) => a - b);
        expect(heap.size).toBe(list.length);
        expect(heap.first?.value).toBe(sorted[0]);
        expect(heap.values().map(({ value }) => value)).toEqual(sorted);
      }
    }),
  );
});
