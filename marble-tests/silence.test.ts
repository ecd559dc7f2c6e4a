import { connackWith, inVirtualTime, publish } from './support.js';

const deaf = { pingreq: () => undefined };

describe.each([4, 5] as const)('silence on MQTT level %d', (protocolVersion) => {
  it('[v4 MQTT-3.1.2-23] [v5 MQTT-3.1.2-20] is broken by PINGREQ within the keep-alive, whatever comes in', () => {
    inVirtualTime({ protocolVersion, keepalive: 10 }, (world) => {
      world.to(0);
      world.take();
      world.every(1000, () => world.line.send(publish('a')));
      world.to(10_000);
      expect(world.take()).toEqual(['9000 PINGREQ']);
    });
  });

  it('[v5 row 45] [v4 row 45] before CONNACK ends in closing without DISCONNECT', () => {
    const answers = { connect: () => undefined };
    inVirtualTime({ protocolVersion, connectTimeout: 5000, reconnect: false, answers }, (world) => {
      world.to(5000);
      expect(world.take().slice(1)).toEqual(['5000 closed']);
    });
  });

  it('[v5 row 82] [v4 row 82] after PINGREQ ends in closing without DISCONNECT', () => {
    inVirtualTime({ protocolVersion, keepalive: 10, reconnect: false, answers: deaf }, (world) => {
      world.to(60_000);
      expect(world.take().slice(1)).toEqual(['9000 PINGREQ', '14000 closed']);
    });
  });
});

describe('the keep-alive of the broker', () => {
  it('[v5 MQTT-3.1.2-21] [v5 MQTT-3.2.2-21] takes the place of ours, on this connection alone', () => {
    inVirtualTime({ keepalive: 60, answers: { connect: () => connackWith({ serverKeepAlive: 2 }) } }, (world) => {
      world.to(0);
      world.take();
      world.to(2000);
      expect(world.take()).toEqual(['1800 PINGREQ']);
      expect(world.line.packets[0]).toMatchObject({ keepalive: 60 });
    });
  });
});
