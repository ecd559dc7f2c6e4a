import { randomBytes, timingSafeEqual } from 'node:crypto';
import { connect, type MqttClient } from 'rxmqtt';
import { type AuthenticateRequest, createBroker } from 'rxmqtt/broker';

/** What a window needs: `connect(url, { username, password })`. */
export interface WindowAccess {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface DesktopBroker {
  /** Where devices connect. */
  readonly tcp: string;
  readonly forWindows: WindowAccess;
  /** The main process as a client, without a socket. */
  readonly client: MqttClient;
  close(): Promise<void>;
}

/**
 * The broker of the main process. It knows nothing of Electron, so that a test runs it in Node.
 *
 * - Devices connect by TCP, and may publish below `hall/`.
 * - Windows connect by WebSocket on loopback, with a password that is made anew at each start: any page of any browser on
 *   this computer could try that port. A page that was opened as a file has the origin `null`.
 *
 * @param port - of the TCP listener; 0 takes a free one.
 */
export async function startDesktopBroker({ port = 1883, host = '127.0.0.1' } = {}): Promise<DesktopBroker> {
  const secret = randomBytes(32).toString('base64url');
  const isWindow = ({ username, password }: AuthenticateRequest): boolean =>
    username === 'window' && password?.length === secret.length && timingSafeEqual(password, Buffer.from(secret));
  const broker = createBroker({
    listeners: [`tcp://${host}:${port}`, { url: 'ws://127.0.0.1:0/mqtt', origins: ['null'] }],
    authenticate: (request) =>
      request.listener === 'transport' || (request.listener.startsWith('ws') ? isWindow(request) : isDevice(request)),
    authorizePublish: ({ client, topic }) => client?.listener.startsWith('tcp') === false || topic.startsWith('hall/'),
  });
  const [tcp = '', url = ''] = await broker.listening;
  const client = connect({ url: 'mqtt://main', transport: broker.transport });
  return {
    tcp,
    forWindows: { url, username: 'window', password: secret },
    client,
    async close() {
      await client.end();
      await broker.close();
    },
  };
}

/** Sessions belong to user names: a device may not call itself a window. */
function isDevice({ username }: AuthenticateRequest): boolean {
  return username !== 'window';
}
