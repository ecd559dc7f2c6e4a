import { Component, computed } from '@angular/core';
import { injectMqtt, mqttSignal, mqttState } from 'rxmqtt/angular';

@Component({
  selector: 'app-hall-card',
  standalone: true,
  template: `
    <output>{{ celsius() ?? '-' }} °C</output>
    <small>{{ isLive() ? 'live' : 'not connected: the last value known' }}</small>
    <button (click)="setTo(19)">19 °C</button>
    @if (celsius.error(); as error) {
      <p role="alert">{{ error.message }}</p>
    }
  `,
})
export class HallCard {
  private readonly client = injectMqtt();
  private readonly state = mqttState();
  readonly isLive = computed(() => this.state().status === 'connected');
  readonly celsius = mqttSignal('hall/7/celsius', { map: (message) => message.json<number>() });

  setTo(celsius: number): void {
    this.client.publish('hall/7/set', String(celsius), { qos: 1 }).subscribe();
  }
}
