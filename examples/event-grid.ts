import { basename } from 'node:path';
import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  filter,
  firstValueFrom,
  from,
  map,
  repeat,
  switchMap,
  take,
  tap,
  timer,
} from 'rxjs';
import { connect, type MqttClient } from 'rxmqtt';
import { createBroker } from 'rxmqtt/broker';

/** What `getToken` of `@azure/identity` gives. */
interface AccessToken {
  readonly token: string;
  /** ms since 1970. */
  readonly expiresOnTimestamp: number;
}

/**
 * A client of Azure Event Grid: authenticates with a JSON Web Token of Microsoft Entra, and again with a new one before
 * the old one expires, on the same connection.
 */
export function eventGrid(
  url: string,
  clientId: string,
  getToken: () => Promise<AccessToken>,
  /** How long before its end a token is renewed, in ms. */
  early = 60_000,
): MqttClient {
  let expires = 0;
  const client = connect(url, {
    clientId,
    protocolVersion: 5,
    // Event Grid has no QoS 2, and takes a keep-alive of 1160 s and a session of 8 hours at most.
    limits: { qos: 1, keepalive: { min: 1, max: 1160 } },
    auth: {
      method: 'OAUTH2-JWT',
      start: () =>
        from(getToken()).pipe(
          tap(({ expiresOnTimestamp }) => (expires = expiresOnTimestamp)),
          map(({ token }) => token),
        ),
    },
  });
  const renewal$ = defer(() => timer(Math.max(0, expires - early - Date.now()))).pipe(
    concatMap(() => client.reauthenticate()),
    repeat(),
    // A refusal closes the connection, and the next one begins with a new token.
    catchError(() => EMPTY),
  );
  client.state$.pipe(switchMap(({ status }) => (status === 'connected' ? renewal$ : EMPTY))).subscribe();
  return client;
}

/** The recipe against a broker that checks tokens as Event Grid does. */
export async function eventGridDemo(print: (line: string) => void = console.log): Promise<void> {
  const valid = new Map<string, number>();
  const getToken = (): Promise<AccessToken> => {
    const token = `token-${valid.size + 1}`;
    const expiresOnTimestamp = Date.now() + 250;
    valid.set(token, expiresOnTimestamp);
    return Promise.resolve({ token, expiresOnTimestamp });
  };
  const broker = createBroker({
    listeners: ['tcp://127.0.0.1:0'],
    enhancedAuthentication: {
      'OAUTH2-JWT': ({ data, again }) => {
        const token = Buffer.from(data ?? []).toString();
        print(`${again ? 'again' : 'first'}: ${token}`);
        return (valid.get(token) ?? 0) > Date.now() ? { status: 'success' } : false;
      },
    },
  });
  const [url = ''] = await broker.listening;
  const client = eventGrid(url, 'vehicle-7', getToken, 150);
  const third = () => valid.size >= 3;
  await firstValueFrom(
    client.packets$.pipe(
      filter(({ packet }) => packet.cmd === 'auth' && third()),
      take(1),
    ),
  );
  await firstValueFrom(client.publish('vehicles/7/position', '48.1, 11.6', { qos: 1 }));
  print(client.state.status);
  await client.end();
  await broker.close();
}

if (basename(process.argv[1] ?? '', '.ts') === 'event-grid') void eventGridDemo();
