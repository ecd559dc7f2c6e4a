/** MQTT beside Express and Socket.IO on one port, attached before it and after it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { createBroker } from 'rxmqtt/broker';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { ended, roundTrip } from './support.mjs';

for (const isFirst of [true, false]) {
  const http = createServer(express());
  const broker = createBroker();
  if (isFirst) broker.attach(http, { path: '/mqtt' });
  const sockets = new Server(http);
  sockets.on('connection', (socket) => socket.on('ask', (question, answer) => answer(`${question}!`)));
  if (!isFirst) broker.attach(http, { path: '/mqtt' });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address();

  const device = await roundTrip(`ws://127.0.0.1:${port}/mqtt`);
  const client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
  assert.equal(await client.emitWithAck('ask', 'hello'), 'hello!');
  // Socket.IO ends, after a second, upgrades that no one has answered.
  await wait(1500);
  assert.equal(device.state.status, 'connected');

  await broker.close();
  await ended(device);
  assert.equal(await client.emitWithAck('ask', 'still'), 'still!');
  client.close();
  await sockets.close();
}
