import { Inject, Injectable } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import type { MqttClient } from 'rxmqtt';
import { MQTT_CLIENT } from './mqtt-client.module';

/** A service that publishes. In its test, `new HeatingService(fakeClient())` of `rxmqtt/testing` is enough. */
@Injectable()
export class HeatingService {
  constructor(@Inject(MQTT_CLIENT) private readonly client: MqttClient) {}

  /** Settles once the broker has it. */
  async set(hall: number, celsius: number): Promise<void> {
    await firstValueFrom(this.client.publish(`hall/${hall}/set`, JSON.stringify(celsius), { qos: 1 }));
  }
}
