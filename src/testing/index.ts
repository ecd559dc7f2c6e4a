/**
 * MQTT in virtual time, drawn in marbles.
 *
 * @module rxmqtt/testing
 */
export { mqttTest } from './mqtt-test.js';
export type { MqttTestOptions } from './test-run.js';
export type { MqttTest, OfClient } from './test-kit.js';
export type { TestClientOptions } from './test-clients.js';
export { inProcessBroker, testBroker, type RunningTestBroker, type TestBroker } from './test-broker.js';
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
export { chaos, type ChaosFault, type ChaosPlan } from './chaos.js';
export { fakeClient, type FakeClient, type FakeClientOptions } from './fake-client.js';
export { recorded } from './recorded.js';
export type { RecordedMessage } from '../packet/recorded-message.js';
export { matchers, type MatcherResult, type Times } from './matchers.js';
