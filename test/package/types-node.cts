/** A service on Node as a CommonJS module: type-checked, never run. */
import rxmqtt = require('rxmqtt');
import broker = require('rxmqtt/broker');
import type { Observable } from 'rxjs';

const client: rxmqtt.MqttClient = rxmqtt.connect('mqtt://localhost', { clientId: 'hall-7' });
export const messages$: Observable<rxmqtt.MqttMessage> = client.subscribe('a');
export const listening: Promise<readonly string[]> = broker.createBroker().listening;
export const ended: Promise<void> = client.end();
