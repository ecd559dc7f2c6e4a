/** Compiled with the compiler of each version of Angular from 17 on, its template strictly; see test/angular/main.mjs. */
import { Component, computed, input, type Signal, signal } from '@angular/core';
import type { MqttMessage } from 'rxmqtt';
import {
  injectMqtt,
  mqttResource,
  type MqttResource,
  mqttSignal,
  type MqttSignal,
  mqttState,
  provideMqtt,
} from 'rxmqtt/angular';

@Component({
  selector: 'app-device',
  standalone: true,
  template: `
    {{ state().status }}
    {{ celsius().toFixed(1) }} {{ newest()?.text() }}
    @if (celsius.error(); as error) {
      {{ error.message }} {{ error.code }}
    }
    @if (level.isLoading()) {
      loading
    } @else if (level.hasValue()) {
      {{ level.value() }}
    } @else {
      {{ level.error()?.message }} <button (click)="level.reload()">again</button>
    }
  `,
})
export class Device {
  readonly id = input.required<string>();
  readonly floor = signal<number | undefined>(undefined);
  readonly state = mqttState();
  readonly celsius = mqttSignal(() => `device/${this.id()}/celsius`, {
    initialValue: 0,
    map: (message) => message.json<number>(),
    onError: ({ code }) => code.length,
  });
  readonly newest: MqttSignal<MqttMessage | undefined> = mqttSignal(this.id);
  readonly level: MqttResource<number | undefined> = mqttResource(
    () => (this.floor() === undefined ? undefined : { [`device/${this.id()}/level`]: 1 }),
    { map: (message) => message.json<number>() },
  );
  readonly both = mqttSignal(() => [this.id(), 'all'] as const, { broker: 'plant' });
  readonly fixed: Signal<string> = mqttSignal(['a', 'b'], { initialValue: '-', map: (message) => message.text() });
  readonly isLive = computed(() => this.state().status === 'connected' && this.fixed() !== '-');
  readonly client = injectMqtt('plant');
}

export const providers = [
  provideMqtt({ url: '/mqtt' }, { name: 'plant', url: 'wss://plant.example/mqtt' }, () => ({
    name: 'again',
    client: injectMqtt('plant'),
  })),
];

// @ts-expect-error: without an initial value it is undefined at first
export const withoutInitial: () => Signal<number> = () => mqttSignal('a', { map: () => 7 });

// @ts-expect-error: a filter is no number
export const wrong = (): unknown => mqttSignal(() => 7);
