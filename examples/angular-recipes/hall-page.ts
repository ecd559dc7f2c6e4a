import { Component } from '@angular/core';
import { mqttSignal } from 'rxmqtt/angular';

@Component({ selector: 'app-hall', standalone: true, template: 'hall {{ celsius() }} {{ alarm() }}' })
export class HallPage {
  readonly celsius = mqttSignal('hall/celsius', { initialValue: 0, map: (message) => message.json<number>() });
  readonly alarm = mqttSignal('alarm', { initialValue: 'no alarm', map: (message) => message.text() });
}
