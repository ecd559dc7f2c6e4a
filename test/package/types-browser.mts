/** A page: type-checked without the types of Node, and bundled for browsers. */
import { connect, MqttError, type ConnectionState, type MqttMessage } from 'rxmqtt';
import { map, type Observable } from 'rxjs';

const client = connect('wss://broker.example/mqtt', { lazy: true, reconnect: { maxDelay: 10_000 } });
export const state$: Observable<ConnectionState> = client.state$;
export const messages$: Observable<MqttMessage> = client.subscribe('hall/+/temperature', { qos: 1 });
export const texts$: Observable<string> = messages$.pipe(map((message) => message.text()));

export const describe = (error: unknown): string => (error instanceof MqttError ? error.code : 'unknown');
