import type { PublishProperties, QoS } from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import type { Recipient } from '../../src/broker/routing/recipient.js';
import { Route } from '../../src/broker/routing/route.js';

const recipient = { clientId: 'a' } as Recipient;

function route(qos: QoS, identifier = 0): Route {
  return new Route(recipient, [{ qos, noLocal: false, retainAsPublished: true, identifier }]);
}

function message(qos: QoS, retain = false, properties?: PublishProperties): PublishPacket {
  return new PublishPacket('t', new Uint8Array(1), qos, retain, false, 0, properties);
}

test.each([
  { qos: 0, subscribed: 2, granted: 0 },
  { qos: 1, subscribed: 2, granted: 1 },
  { qos: 2, subscribed: 2, granted: 2 },
  { qos: 2, subscribed: 1, granted: 1 },
] as const)(
  'a plain message at QoS $qos to a subscription at QoS $subscribed makes no object for its grant',
  ({ qos, subscribed, granted }) => {
    const grant = route(subscribed).grant(message(qos), undefined);
    expect(grant).toEqual({ qos: granted, retain: false, properties: undefined, group: undefined });
    expect(route(subscribed).grant(message(qos), undefined)).toBe(grant);
  },
);

test('a retained message, one with properties or an identifier, and a shared one have grants of their own', () => {
  const share = { name: 'g', filter: 't' };
  const properties = { contentType: 'text/plain' };
  expect(route(1).grant(message(1, true), undefined)).toEqual({
    qos: 1,
    retain: true,
    properties: undefined,
    group: undefined,
  });
  expect(route(1).grant(message(1, false, properties), undefined).properties).toBe(properties);
  expect(route(1, 7).grant(message(1), undefined).properties).toEqual({ subscriptionIdentifier: 7 });
  expect(route(1).grant(message(1), share).group).toBe(share);
  expect(route(1).grant(message(1), undefined)).toEqual({
    qos: 1,
    retain: false,
    properties: undefined,
    group: undefined,
  });
});
