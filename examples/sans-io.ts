import { basename } from 'node:path';
import { filter, firstValueFrom, take } from 'rxjs';
import { connect, memory } from 'rxmqtt';
import { createDecoder, decode, encode, matches, PublishPacket, reasonCodeName, type Packet } from 'rxmqtt/packet';

/** A client without a socket: bytes out on one side, bytes in on the other, as a tool or a test wants it. */
export async function sansIo(print: (line: string) => void = console.log): Promise<void> {
  const line = memory();
  line.connections$.subscribe((peer) => {
    const decoder = createDecoder({ receiver: 'server' });
    const answer = (packet: Packet): void => {
      print(`client: ${packet.cmd}`);
      switch (packet.cmd) {
        case 'connect':
          return peer.write(encode({ cmd: 'connack', sessionPresent: false, reasonCode: 0 }));
        case 'subscribe':
          peer.write(encode({ cmd: 'suback', packetId: packet.packetId, reasonCodes: [0] }));
          return peer.write(
            encode(new PublishPacket('hall/7', new TextEncoder().encode('21.5'), 0, false, false, 0, undefined)),
          );
        case 'disconnect':
          return peer.end();
      }
    };
    peer.incoming$.subscribe((bytes) => decoder.decode(bytes, answer));
  });

  const client = connect('mqtt://nowhere', { transport: line.transport });
  await firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'connected')));
  const message = await firstValueFrom(client.subscribe('hall/+').pipe(take(1)));
  print(`received: ${message.topic} ${message.text()}, ${String(matches('hall/+', message.topic))}`);
  await client.end();

  const [disconnect] = decode(Uint8Array.of(0xe0, 0x02, 0x8e, 0x00));
  print(`e0 02 8e 00: ${disconnect?.cmd === 'disconnect' ? reasonCodeName(disconnect.reasonCode) : ''}`);
}

if (basename(process.argv[1] ?? '', '.ts') === 'sans-io') void sansIo();
