import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { connect, json, type MqttClient, request } from 'rxmqtt';
import { createBroker } from 'rxmqtt/broker';
import { startApplication } from './application';
import { HeatingService } from './heating.service';
import { MQTT_CLIENT, MqttClientModule } from './mqtt-client.module';

/** The application with a device and a browser beside it; prints what they see. `node dist/check.js` */
async function check(): Promise<void> {
  const application = await startApplication(0);
  const url = (await application.getUrl()).replace('[::1]', 'localhost');
  const device = connect(`${url.replace('http', 'ws')}/mqtt`);
  for (const [room, celsius] of [
    ['7', '21.5'],
    ['8', 'warm'],
    ['8', '18.5'],
  ] as const) {
    await firstValueFrom(device.publish(`hall/${room}/celsius`, celsius, { qos: 1 }));
  }
  const topics = JSON.stringify(['hall/7/celsius', 'hall/8/celsius']);
  console.log('average', await firstValueFrom(request(device, 'readings/average', topics).pipe(json<number>())));
  console.log('readings', await (await fetch(`${url}/readings`)).text());
  await application.close();
  console.log('device', device.state.status);
  await device.end();
}

/** An application with a client of a broker elsewhere: what the broker sees of it. */
async function checkClient(): Promise<void> {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  const [url = ''] = await broker.listening;
  broker.published$.subscribe(({ message }) => console.log('published', message.topic, message.text()));
  broker.disconnected$.subscribe(({ how }) => console.log('left by', how));

  class Heating {}
  Module({ imports: [MqttClientModule.forRoot({ url })], providers: [HeatingService] })(Heating);
  const application = await NestFactory.createApplicationContext(Heating, { logger: ['error', 'warn'] });
  await application.get(HeatingService).set(7, 21.5);
  const client = application.get<MqttClient>(MQTT_CLIENT);
  await application.close();
  console.log('client', client.state.status);
  await broker.close();
}

void check().then(checkClient);
