import assert from 'node:assert/strict';
import { firstValueFrom } from 'rxjs';
import { connect } from 'rxmqtt';
import { WebSocket } from 'ws';

/** A device that connects by WebSocket, and whether its messages make the round trip. */
export async function roundTrip(url) {
  const device = connect(url, { reconnect: false });
  const echo = firstValueFrom(device.subscribe('echo', { qos: 1 }));
  await firstValueFrom(device.granted('echo'));
  await firstValueFrom(device.publish('echo', 'hello', { qos: 1 }));
  assert.equal((await echo).text(), 'hello');
  return device;
}

/** What another WebSocket server of the same port answers. */
export async function ask(url, question) {
  const socket = new WebSocket(url);
  const answer = new Promise((resolve, reject) => {
    socket.on('message', (data) => resolve(data.toString()));
    socket.on('error', reject);
  });
  socket.on('open', () => socket.send(question));
  const text = await answer;
  socket.close();
  return text;
}

/** The state in which the broker leaves a device when it ends in order. */
export async function ended(device) {
  await new Promise((resolve) => device.state$.subscribe({ complete: resolve }));
  assert.equal(device.state.reason.reasonCode, 0x8b);
}
