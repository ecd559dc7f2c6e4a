/** `rxmqtt/testing`: MQTT in virtual time, drawn in marbles. */
export { mqttTest } from './mqtt-test.js';
export type { MqttTestOptions } from './test-run.js';
export type { MqttTest, OfClient } from './test-kit.js';
export type { TestClientOptions } from './test-clients.js';
export { testBroker, type RunningTestBroker, type TestBroker } from './test-broker.js';
export type { TestLine } from './test-line.js';
export type { PacketMatch } from './faults.js';
export type { Duration } from './duration.js';
export type { EventExpectation, ExpectedMessage, ExpectedPacket, ExpectedState } from './expect-events.js';
export type { ObservableExpectation } from './expect-observable.js';
export type { WireExpectation } from './expect-wire.js';
export { describeMessage, describePacket } from './describe-packet.js';
export { CLOSE, CUT, type Answer, type Move, type ScriptedPeer } from './scripted-broker.js';
export { message, type MessageInit, type MessageOptions } from './message.js';
export * from './packets.js';
export { VirtualClock } from './virtual-clock.js';
