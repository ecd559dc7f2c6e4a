import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { createBroker } from 'rxmqtt/broker';

/** The broker, on the port of the HTTP server, and ended before that is. */
@Injectable()
export class BrokerHost implements OnModuleInit, BeforeApplicationShutdown {
  readonly broker = createBroker();

  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    this.broker.attach(this.host.httpAdapter.getHttpServer(), { path: '/mqtt' });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.broker.close();
  }
}
