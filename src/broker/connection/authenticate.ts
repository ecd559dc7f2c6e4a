import { Observable, type Subscription } from 'rxjs';
import { encode } from '../../packet/encode.js';
import type { AuthPacket } from '../../packet/packets.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { Authenticated, AuthenticationExchange } from '../access/enhanced-authentication.js';
import type { ConnectRequest } from './connect-request.js';

const PROTOCOL_ERROR: Authenticated = { reasonCode: ReasonCode.PROTOCOL_ERROR, data: undefined, principal: {} };

/**
 * The exchange between CONNECT and CONNACK: AUTH 0x18 back and forth [MQTT-4.12.0-2] [MQTT-4.12.0-3]. Emits the outcome
 * once; completes without one when the client leaves.
 */
export function authenticate(
  { connect, connection, packets }: ConnectRequest,
  exchange: AuthenticationExchange,
): Observable<Authenticated> {
  return new Observable((subscriber) => {
    let incoming: Subscription | undefined = undefined;
    const finish = (end: Authenticated): void => {
      // Later packets are for the handlers of a connected client.
      incoming?.unsubscribe();
      subscriber.next(end);
      subscriber.complete();
    };
    const step = (data: Uint8Array | undefined): void => {
      subscriber.add(
        exchange.next(data).subscribe((outcome) => {
          if (!outcome.goesOn) return finish(outcome);
          encode(authPacket(0x18, exchange.method, outcome.data), connection.out, 5);
          connection.commit();
        }),
      );
    };
    incoming = packets.packets$.subscribe({
      next(packet) {
        // One that comes before the last step is answered is out of order, and each one costs.
        if (!exchange.expectsStep) return finish(PROTOCOL_ERROR);
        const fits = packet.cmd === 'auth' && packet.properties?.authenticationMethod === exchange.method;
        if (fits && packet.reasonCode === 0x18) step(packet.properties?.authenticationData);
        else finish(PROTOCOL_ERROR);
      },
      complete: () => subscriber.complete(),
    });
    subscriber.add(incoming);
    step(connect.properties?.authenticationData);
  });
}

export function authPacket(reasonCode: number, method: string, data: Uint8Array | undefined): AuthPacket {
  return {
    cmd: 'auth',
    reasonCode,
    properties: { authenticationMethod: method, ...(data === undefined ? {} : { authenticationData: data }) },
  };
}
