import { Component, provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { injectMqtt, mqttSignal, mqttState, provideMqtt } from 'rxmqtt/angular';

@Component({
  selector: 'app-root',
  template: '{{ state().status }} {{ level() }} <button (click)="fill()">Fill</button>',
})
class App {
  private readonly client = injectMqtt();
  readonly state = mqttState();
  readonly level = mqttSignal('tank/level', { initialValue: 0, map: (message) => message.json<number>() });

  fill(): void {
    this.client.publish('tank/set', '100', { qos: 1 }).subscribe();
  }
}

bootstrapApplication(App, { providers: [provideZonelessChangeDetection(), provideMqtt({ url: '/mqtt' })] }).catch(
  (error) => console.error(error),
);
