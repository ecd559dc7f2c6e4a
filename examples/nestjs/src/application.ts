import 'reflect-metadata';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BrokerHost } from './broker-host';
import { MqttServer } from './mqtt-server';
import { ReadingsController } from './readings.controller';

@Module({ controllers: [ReadingsController], providers: [BrokerHost] })
export class ApplicationModule {}

/** Starts the application: HTTP, MQTT for devices at `/mqtt`, and the handlers as clients of the same broker. */
export async function startApplication(port: number): Promise<INestApplication> {
  const application = await NestFactory.create(ApplicationModule, { logger: ['error', 'warn'] });
  const { broker } = application.get(BrokerHost);
  application.connectMicroservice({
    strategy: new MqttServer({ url: 'mqtt://here', transport: broker.transport }),
  });
  await application.startAllMicroservices();
  await application.listen(port, '127.0.0.1');
  return application;
}
