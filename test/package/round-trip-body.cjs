/** What a consumer does with either build, over both kinds of sockets: `ws` is found from ESM and from CJS, too. */
const assert = require('node:assert/strict');

module.exports = async function roundTrip({ connect, createBroker, rxjs }) {
  const { concatMap, filter, firstValueFrom, from, map, take, timeout, toArray } = rxjs;
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt'] });
  const addresses = await broker.listening;
  assert.equal(addresses.length, 2);

  for (const url of addresses) {
    const client = connect(url, { reconnect: false });
    const received = firstValueFrom(
      client.subscribe('hall/+/temperature', { qos: 2 }).pipe(
        map((message) => `${message.topic} ${message.text()} ${message.qos}`),
        take(3),
        toArray(),
        timeout(10_000),
      ),
    );
    const isActive = filter((subscriptions) => subscriptions.get('hall/+/temperature')?.status === 'active');
    await firstValueFrom(client.subscriptions$.pipe(isActive, timeout(10_000)));
    const publishAll = from([0, 1, 2]).pipe(
      concatMap((qos) => client.publish('hall/7/temperature', `2${qos}.5`, { qos })),
      toArray(),
      timeout(10_000),
    );
    assert.equal((await firstValueFrom(publishAll)).length, 3);
    assert.deepEqual(
      await received,
      [0, 1, 2].map((qos) => `hall/7/temperature 2${qos}.5 ${qos}`),
    );
    await client.end();
    assert.equal(client.state.status, 'ended');
  }
  await broker.close();
};
