/** MQTT beside Fastify, with and without a plugin that takes upgrades itself. */
import assert from 'node:assert/strict';
import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import { createBroker } from 'rxmqtt/broker';
import { ask, ended, roundTrip } from './support.mjs';

for (const hasPlugin of [false, true]) {
  const fastify = Fastify();
  if (hasPlugin) await fastify.register(websocket);
  await fastify.register(async (routes) => {
    routes.get('/', async () => ({ page: true }));
    if (!hasPlugin) return;
    routes.get('/other', { websocket: true }, (socket) => socket.on('message', (text) => socket.send(`${text}!`)));
  });
  const broker = createBroker();
  broker.attach(fastify.server, { path: '/mqtt' });
  // Before Fastify closes its server, which waits for the connections.
  fastify.addHook('preClose', () => broker.close());
  const address = await fastify.listen({ port: 0, host: '127.0.0.1' });

  const device = await roundTrip(`${address.replace('http', 'ws')}/mqtt`);
  assert.deepEqual(await (await fetch(address)).json(), { page: true });
  if (hasPlugin) assert.equal(await ask(`${address.replace('http', 'ws')}/other`, 'hello'), 'hello!');
  await fastify.close();
  await ended(device);
}
