/** A service on Node as an ES module: type-checked, never run. */
import {
  connect,
  ConnectError,
  durable,
  memoryStore,
  type ClientOptions,
  type MqttMessage,
  type PublishReceipt,
} from 'rxmqtt';
import { awsIot } from 'rxmqtt/aws';
import { createBroker, type Broker } from 'rxmqtt/broker';
import { decode, type Packet } from 'rxmqtt/packet';
import { clientMachine } from 'rxmqtt/sans-io';
import { levelStore } from 'rxmqtt/store-level';
import { mqttTest } from 'rxmqtt/testing';
import { type Observable } from 'rxjs';

await using broker: Broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
export const addresses: readonly string[] = await broker.listening;

const options: ClientOptions = { url: 'mqtt://localhost', clientId: 'hall-7', clean: true };
await using client = connect(options);
export const messages$: Observable<MqttMessage> = client.subscribe(['a', 'b/#']);
export const receipt$: Observable<PublishReceipt> = client.publish('a', new Uint8Array([1]), { qos: 2 });
export const fatal = (error: unknown): boolean => error instanceof ConnectError && error.reasonCode === 0x87;

const credentials = { accessKeyId: 'A', secretAccessKey: 'secret' };
export const aws: ClientOptions = awsIot({ endpoint: 'a.iot.eu-west-1.amazonaws.com', credentials });

export const packets: readonly Packet[] = decode(new Uint8Array([0xc0, 0]));
export const storeOf: typeof levelStore = levelStore;
export const machineOf: typeof clientMachine = clientMachine;

mqttTest((t) => t.expectState(t.connect()).toBe('c-C', { c: 'connecting 1', C: 'connected' }));

// @ts-expect-error an option that does not exist
connect('mqtt://localhost', { cleen: true });

// @ts-expect-error a client takes durable(store), not a store
connect('mqtt://localhost', { clientId: 'hall-7', store: memoryStore() });
connect('mqtt://localhost', { clientId: 'hall-7', store: durable(memoryStore()) });
