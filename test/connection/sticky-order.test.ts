import { stickyOrder } from '../../src/connection/sticky-order.js';

const CLIENTS = Array.from({ length: 10_000 }, (_, number) => `device-${number}`);
const servers = (...names: string[]) => names.map((name) => ({ url: `mqtt://${name}:1883`, priority: 0, weight: 1 }));
const firstOf = (list: ReturnType<typeof servers>, client: string) => stickyOrder(list, client)[0]?.url;

describe("startWith: 'sticky'", () => {
  it('gives a client the same order, regardless of the given order and of passwords', () => {
    const order = stickyOrder(servers('a', 'b', 'c'), 'hall-7').map(({ url }) => url);
    expect(stickyOrder(servers('c', 'a', 'b'), 'hall-7').map(({ url }) => url)).toEqual(order);
    const withPasswords = servers('x:1@a', 'x:2@b', 'x:3@c');
    expect(stickyOrder(withPasswords, 'hall-7').map(({ url }) => url.replace(/x:\d@/, ''))).toEqual(order);
  });

  it('spreads clients evenly, and those of a server that is down evenly over the others', () => {
    const list = servers('a', 'b', 'c', 'd');
    const orders = CLIENTS.map((client) => stickyOrder(list, client).map(({ url }) => url));
    for (const { url } of list) {
      const own = orders.filter(([first]) => first === url);
      expect(Math.abs(own.length - 2500)).toBeLessThan(200);
      for (const other of list.filter((one) => one.url !== url)) {
        const next = own.filter(([, second]) => second === other.url).length;
        expect(Math.abs(next - own.length / 3)).toBeLessThan(150);
      }
    }
  });

  it('moves only the clients of a server that is removed, and to a new one only its share', () => {
    const three = servers('a', 'b', 'c');
    const four = servers('a', 'b', 'c', 'd');
    const moved = CLIENTS.filter((client) => firstOf(three, client) !== firstOf(four, client));
    expect(moved.every((client) => firstOf(four, client) === 'mqtt://d:1883')).toBe(true);
    expect(Math.abs(moved.length - 2500)).toBeLessThan(200);
  });

  it('heeds the priorities and the weights of services', () => {
    const list = [
      { url: 'mqtt://big', priority: 0, weight: 30 },
      { url: 'mqtt://small', priority: 0, weight: 10 },
      { url: 'mqtt://spare', priority: 1, weight: 1000 },
    ];
    const orders = CLIENTS.map((client) => stickyOrder(list, client).map(({ url }) => url));
    expect(orders.every(([, , last]) => last === 'mqtt://spare')).toBe(true);
    const big = orders.filter(([first]) => first === 'mqtt://big').length;
    expect(Math.abs(big - 7500)).toBeLessThan(200);
  });
});
