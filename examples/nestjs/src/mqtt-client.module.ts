import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { type ClientOptions, connect, type MqttClient } from 'rxmqtt';

/** Injects the client: `constructor(@Inject(MQTT_CLIENT) private readonly client: MqttClient)`. */
export const MQTT_CLIENT = Symbol('MqttClient');

/** One client for the application, which ends with it: `imports: [MqttClientModule.forRoot({ url: 'mqtt://...' })]`. */
@Global()
@Module({})
export class MqttClientModule implements OnApplicationShutdown {
  constructor(@Inject(MQTT_CLIENT) private readonly client: MqttClient) {}

  static forRoot(options: ClientOptions): DynamicModule {
    return {
      module: MqttClientModule,
      providers: [{ provide: MQTT_CLIENT, useFactory: () => connect(options) }],
      exports: [MQTT_CLIENT],
    };
  }

  /** What was published is acknowledged, DISCONNECT is sent, and subscriptions complete. */
  async onApplicationShutdown(): Promise<void> {
    await this.client.end();
  }
}
