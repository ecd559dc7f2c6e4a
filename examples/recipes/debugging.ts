import { distinctUntilChanged, map, merge, type Observable } from 'rxjs';
import type { MqttClient, PacketEvent } from 'rxmqtt';

/** What happens to a client, a line each: states, faults, filters and packets, without payloads and passwords. */
export function trace(client: MqttClient): Observable<string> {
  return merge(
    client.state$.pipe(
      map((state) => {
        const reason = 'reason' in state && state.reason !== undefined ? `: ${state.reason.message}` : '';
        return `state ${state.status}${reason}`;
      }),
    ),
    client.faults$.pipe(map(({ code, message }) => `fault ${code}: ${message}`)),
    client.subscriptions$.pipe(
      map((filters) => `filters ${[...filters].map(([name, { status }]) => `${name} ${status}`).join(', ') || 'none'}`),
      distinctUntilChanged(),
    ),
    client.packets$.pipe(map(line)),
  );
}

/** `-> publish 7 hall/7/celsius, 4 bytes, QoS 1`. CONNECT carries the password: nothing of it is shown but its name. */
function line({ direction, packet }: PacketEvent): string {
  const arrow = direction === 'out' ? '->' : '<-';
  switch (packet.cmd) {
    case 'publish': {
      const { packetId, topic, payload, qos, dup, retain } = packet;
      const flags = `${dup ? ', dup' : ''}${retain ? ', retained' : ''}`;
      return `${arrow} publish ${packetId} ${topic}, ${payload.length} bytes, QoS ${qos}${flags}`;
    }
    case 'subscribe':
      return `${arrow} subscribe ${packet.packetId} ${packet.subscriptions.map(({ filter }) => filter).join(' ')}`;
    case 'unsubscribe':
      return `${arrow} unsubscribe ${packet.packetId} ${packet.filters.join(' ')}`;
    case 'connack':
    case 'disconnect':
      return `${arrow} ${packet.cmd} 0x${packet.reasonCode.toString(16).padStart(2, '0')}`;
    default:
      return `${arrow} ${packet.cmd}${'packetId' in packet ? ` ${packet.packetId}` : ''}`;
  }
}
