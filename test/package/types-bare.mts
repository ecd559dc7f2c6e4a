/** A project with nothing but TypeScript's own ES2022 and DOM types: type-checked, never run. */
import { connect, type MqttClient, type MqttMessage } from 'rxmqtt';
import { createBroker } from 'rxmqtt/broker';
import { decode } from 'rxmqtt/packet';

const client: MqttClient = connect('mqtt://localhost', { tls: { rejectUnauthorized: true } });
client.subscribe('a').subscribe((message: MqttMessage) => message.ack());
export const ended: Promise<void>[] = [client.end(), client[Symbol.asyncDispose](), createBroker().close()];
export const packets = decode(Uint8Array.of(0x40, 2, 0, 7));
