import { bufferCount, filter, firstValueFrom, lastValueFrom, map, range, take, toArray } from 'rxjs';
import { connect, publishTo, QoS, type ClientOptions, type MqttClient, type TlsOptions } from '../../src/index.js';

/** Where a transport leads to, once the broker is up. */
export interface DeliveryTarget {
  readonly url: string;
  readonly tls?: TlsOptions | undefined;
}

const MESSAGES = 1000;

/**
 * Publishes under way at a time. Mosquitto 2.0.11 stalls when more than its `max_inflight_messages` (20) QoS 2 messages
 * of one client are open at once, with any client; at the other levels there is no reason to wait.
 */
const CONCURRENCY = { [QoS.AT_MOST_ONCE]: MESSAGES, [QoS.AT_LEAST_ONCE]: MESSAGES, [QoS.EXACTLY_ONCE]: 20 };

const VERSION_NAMES = { 3: '3.1', 4: '3.1.1', 5: '5' } as const;

/** The same promise over every transport and version: of 1000 messages none is lost, and at QoS 2 none comes twice. */
export function describeDelivery(
  transports: readonly string[],
  versions: readonly (3 | 4 | 5)[],
  targetOf: (transport: string) => DeliveryTarget,
): void {
  describe.each(transports)('over %s', (transport) => {
    describe.each(versions)('with protocol version %i', (protocolVersion) => {
      it.each([0, 1, 2] as const)(
        `delivers ${MESSAGES} messages at QoS %i, none lost, in order, and none twice`,
        async (qos) => {
          const { url, tls } = targetOf(transport);
          const options: Omit<ClientOptions, 'url'> = {
            protocolVersion,
            reconnect: false,
            ...(tls === undefined ? {} : { tls }),
          };
          const subscriber = connect(url, options);
          const publisher = connect(url, options);
          try {
            const topic = `delivery/${transport}/${VERSION_NAMES[protocolVersion]}/${qos}`;
            const received = lastValueFrom(
              subscriber.subscribe(topic, { qos }).pipe(
                map((message) => ({ text: message.text(), qos: message.qos })),
                take(MESSAGES),
                toArray(),
              ),
            );
            await untilActive(subscriber, topic);
            const receipts = await lastValueFrom(
              range(0, MESSAGES).pipe(
                publishTo(publisher, (n) => ({ topic, payload: `message ${n}`, qos }), {
                  concurrency: CONCURRENCY[qos],
                }),
                bufferCount(MESSAGES),
              ),
            );
            const messages = await received;
            expect(messages).toEqual(Array.from({ length: MESSAGES }, (_, n) => ({ text: `message ${n}`, qos })));
            expect(receipts.map((receipt) => [receipt.qos, receipt.reasonCode])).toEqual(
              Array.from({ length: MESSAGES }, () => [qos, 0]),
            );
            expect(receipts.every(({ packetId }) => (qos === 0 ? packetId === 0 : packetId > 0))).toBe(true);
            expect(publisher.state).toMatchObject({ status: 'connected', negotiated: { protocolVersion } });
          } finally {
            await Promise.all([subscriber.end(), publisher.end()]);
          }
        },
      );
    });
  });
}

/** Waits until the broker has granted a subscription. */
export function untilActive(client: MqttClient, topicFilter: string): Promise<unknown> {
  return firstValueFrom(
    client.subscriptions$.pipe(filter((subscriptions) => subscriptions.get(topicFilter)?.status === 'active')),
  );
}
