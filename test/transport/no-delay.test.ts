import { Socket } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { createBroker } from '../../src/broker/index.js';
import { connect } from '../../src/index.js';
import { makeCertificates } from '../support/certificates.js';

/** Every message is one write, so holding small writes back (Nagle's algorithm) gains nothing and costs a round trip. */
test.each(['tcp', 'mqtts', 'ws', 'wss'])(
  'both ends of a connection over %s send small writes at once',
  async (scheme) => {
    const undelayed = new Set<string>();
    const original = Socket.prototype.setNoDelay;
    const spy = jest.spyOn(Socket.prototype, 'setNoDelay').mockImplementation(function (this: Socket, on?: boolean) {
      const end = `${this.localPort} to ${this.remotePort}`;
      if (on === false) undelayed.delete(end);
      else undelayed.add(end);
      return original.call(this, on);
    });
    const { ca, server } = makeCertificates();
    const tls = { cert: server.cert, key: server.key };
    const path = scheme.startsWith('ws') ? '/mqtt' : '';
    const broker = createBroker({ listeners: [`${scheme}://127.0.0.1:0${path}`], tls, sysInterval: 0 });
    const [url = ''] = await broker.listening;
    const client = connect(url, { tls: { ca: ca.cert } });
    try {
      await firstValueFrom(client.publish('t', 'x', { qos: 1 }));
      const { port } = new URL(url);
      const ends = [...undelayed];
      expect(ends.filter((end) => end.startsWith(`${port} to`))).toHaveLength(1);
      expect(ends.filter((end) => end.endsWith(`to ${port}`))).toHaveLength(1);
    } finally {
      spy.mockRestore();
      await client.end();
      await broker.close();
    }
  },
);
