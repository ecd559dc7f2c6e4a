import { Component } from '@angular/core';
import { injectMqtt, mqttSignal, mqttState } from 'rxmqtt/angular';
import { RouterOutlet } from '@angular/router';

@Component({
  selector: 'app-root',
  imports: [RouterOutlet],
  templateUrl: './app.html',
  styleUrl: './app.css',
})
export class App {
  private readonly client = injectMqtt();
  protected readonly state = mqttState();
  protected readonly title = mqttSignal('tank/level', { initialValue: 0, map: (message) => message.json<number>() });

  fill(): void {
    this.client.publish('tank/set', '100', { qos: 1 }).subscribe();
  }
}
