/** MQTT beside a gateway of NestJS on one port. Its adapter for `ws` destroys upgrades that it does not know. */
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { createBroker } from 'rxmqtt/broker';
import { ask, ended, roundTrip } from './support.mjs';

class Events {
  ask(_socket, question) {
    return `${question}!`;
  }
}
SubscribeMessage('ask')(Events.prototype, 'ask', Object.getOwnPropertyDescriptor(Events.prototype, 'ask'));
WebSocketGateway({ path: '/events' })(Events);

class Application {}
Module({ providers: [Events] })(Application);

const broker = createBroker();
const application = await NestFactory.create(Application, { logger: ['error'] });
application.useWebSocketAdapter(new WsAdapter(application));
broker.attach(application.getHttpServer(), { path: '/mqtt' });
await application.listen(0, '127.0.0.1');
const url = (await application.getUrl()).replace('http', 'ws');

const device = await roundTrip(`${url}/mqtt`);
assert.equal(await ask(`${url}/events`, JSON.stringify({ event: 'ask', data: 'hello' })), '"hello!"');
assert.equal(device.state.status, 'connected');
await broker.close();
await ended(device);
await application.close();
