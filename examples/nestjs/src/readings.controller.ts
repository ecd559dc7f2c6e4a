import { Controller, Get } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { MqttMessage } from 'rxmqtt';

/** Collects what the halls measure, and answers over HTTP and over MQTT. */
@Controller()
export class ReadingsController {
  private readonly readings = new Map<string, number>();

  @EventPattern('hall/+/celsius')
  measured(@Payload() celsius: number, @Ctx() message: MqttMessage): void {
    if (typeof celsius !== 'number') throw new Error('a reading is a number');
    this.readings.set(message.topic, celsius);
  }

  @MessagePattern('readings/average')
  average(@Payload() topics: string[]): number {
    const known = topics.flatMap((topic) => this.readings.get(topic) ?? []);
    return known.reduce((sum, celsius) => sum + celsius, 0) / known.length;
  }

  @Get('readings')
  all(): Record<string, number> {
    return Object.fromEntries(this.readings);
  }
}
