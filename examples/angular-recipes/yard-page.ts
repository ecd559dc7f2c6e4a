import { Component } from '@angular/core';
import { mqttSignal } from 'rxmqtt/angular';

@Component({ selector: 'app-yard', standalone: true, template: 'yard {{ celsius() }} {{ alarm() }}' })
export class YardPage {
  readonly celsius = mqttSignal('yard/celsius', { initialValue: 0, map: (message) => message.json<number>() });
  readonly alarm = mqttSignal('alarm', { initialValue: 'no alarm', map: (message) => message.text() });
}
