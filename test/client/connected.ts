import { inVirtualTime, suback, unsuback, type Answers, type World } from '../../marble-tests/support.js';

export const granted: Answers = {
  subscribe: ({ packetId, subscriptions }) => suback(packetId, ...subscriptions.map(({ qos }) => qos)),
  unsubscribe: ({ packetId, filters }) => unsuback(packetId, ...filters.map(() => 0)),
};

/** Connected, with nothing on the wire yet. */
export const connected = (check: (world: World) => void, answers: Answers = granted): void =>
  inVirtualTime({ answers, reconnect: { jitter: 'none' } }, (world) => {
    world.to(0);
    world.take();
    check(world);
  });
