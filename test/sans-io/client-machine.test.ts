import { connect as dial } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { createBroker } from '../../src/broker/index.js';
import { createDecoder, decode, encode, type Packet } from '../../src/packet/index.js';
import { clientMachine, type ClientMachine } from '../../src/sans-io/index.js';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const connack = encode({ cmd: 'connack', sessionPresent: false, reasonCode: 0 });

/** The packets that the machine has to say. */
function taken(machine: ClientMachine): Packet[] {
  const packets: Packet[] = [];
  createDecoder({ receiver: 'server' }).decode(machine.take(), (packet) => packets.push(packet));
  return packets;
}

describe('[mqttproto] MQTTClientStateMachine: clientMachine()', () => {
  it('feed_bytes, get_outbound_data, state: CONNECT is there at once, bytes come in pieces', async () => {
    const machine = clientMachine({ clientId: 'hall-7' });
    expect(machine.state.status).toBe('connecting');
    expect(decode(machine.take(), { receiver: 'server' })).toMatchObject([{ cmd: 'connect', clientId: 'hall-7' }]);
    expect(machine.take()).toEqual(new Uint8Array());
    for (const byte of connack) machine.feed(Uint8Array.of(byte));
    expect(machine.state).toMatchObject({ status: 'connected', sessionPresent: false });
    await machine.end({ force: true });
    expect(taken(machine)).toMatchObject([{ cmd: 'disconnect' }]);
    expect(machine.state.status).toBe('ended');
  });

  it('publish, subscribe (counted), unsubscribe', async () => {
    const machine = clientMachine();
    machine.take();
    machine.feed(connack);
    const receipt = firstValueFrom(machine.publish('a', 'x', { qos: 1 }));
    expect(taken(machine)).toMatchObject([{ cmd: 'publish', topic: 'a', packetId: 1 }]);
    machine.feed(encode({ cmd: 'puback', packetId: 1, reasonCode: 0 }));
    expect(await receipt).toMatchObject({ packetId: 1, qos: 1 });

    let outputs = 0;
    machine.output$.subscribe(() => outputs++);
    const first = machine.subscribe('b').subscribe();
    const second = machine.subscribe('b').subscribe();
    await tick();
    expect(outputs).toBe(1);
    expect(taken(machine)).toMatchObject([{ cmd: 'subscribe', subscriptions: [{ filter: 'b' }] }]);
    machine.feed(encode({ cmd: 'suback', packetId: 2, reasonCodes: [0] }));
    first.unsubscribe();
    await tick();
    expect(taken(machine)).toEqual([]);
    second.unsubscribe();
    await tick();
    expect(taken(machine)).toMatchObject([{ cmd: 'unsubscribe', filters: ['b'] }]);
    await machine.end({ force: true });
  });

  it('[mqttproto] a publish above the broker’s maximum QoS: an error, or lowered with downgradeQos', async () => {
    const limited = encode({ cmd: 'connack', sessionPresent: false, reasonCode: 0, properties: { maximumQoS: 1 } });
    const strict = clientMachine();
    strict.feed(limited);
    await expect(firstValueFrom(strict.publish('a', '', { qos: 2 }))).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    const lowering = clientMachine({ downgradeQos: true });
    lowering.take();
    lowering.feed(limited);
    lowering.publish('a', '', { qos: 2 }).subscribe({ error: () => undefined });
    expect(taken(lowering)).toMatchObject([{ cmd: 'publish', qos: 1 }]);
    await Promise.all([strict.end({ force: true }), lowering.end({ force: true })]);
  });

  it('ends when the line is gone, or has CONNECT for the next one', async () => {
    const once = clientMachine();
    once.feed(connack);
    once.closed(new Error('cable'));
    expect(once.state).toMatchObject({ status: 'ended', reason: { name: 'ConnectError' } });

    const again = clientMachine({ reconnect: { minDelay: 0, maxDelay: 0 } });
    again.take();
    again.feed(connack);
    const output = firstValueFrom(again.output$);
    again.closed();
    await output;
    expect(taken(again)).toMatchObject([{ cmd: 'connect' }]);
    await again.end({ force: true });
  });

  it('holds back when nothing is taken', async () => {
    const machine = clientMachine();
    machine.feed(connack);
    for (let n = 0; n < 100; n++) machine.publish('a', new Uint8Array(20_000)).subscribe({ error: () => undefined });
    const waiting = machine.client.stats().outbox.messages;
    expect(waiting).toBeGreaterThan(50);
    while (machine.take().length > 0);
    expect(machine.client.stats().outbox.messages).toBe(0);
    await machine.end({ force: true });
  });

  it('speaks with a broker over a socket of our own', async () => {
    const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
    const [address = ''] = await broker.listening;
    const socket = dial({ host: '127.0.0.1', port: Number(new URL(address).port) });
    const machine = clientMachine();
    machine.output$.subscribe(() => socket.write(machine.take()));
    socket.write(machine.take());
    socket.on('data', (bytes) => machine.feed(bytes));
    socket.on('close', () => machine.closed());
    const message = firstValueFrom(machine.subscribe('hall/+', { qos: 2 }));
    await firstValueFrom(machine.publish('hall/7', '21.5', { qos: 2 }));
    expect((await message).text()).toBe('21.5');
    await Promise.all([machine.end(), new Promise((resolve) => socket.once('close', resolve))]);
    await broker.close();
  });
});
