import type { PublishPacket } from '../src/index.js';
import { connackWith, inVirtualTime, puback, pubcomp, publish, pubrec, shown, type World } from './support.js';

/** Topic and alias of each PUBLISH on the newest connection: `a/b=1`, `=1`, `a/b`. */
const aliases = (world: World): string[] =>
  world.line.packets
    .filter((packet): packet is PublishPacket => packet.cmd === 'publish')
    .map(({ topic, properties }) =>
      properties?.topicAlias === undefined ? topic : `${topic}=${properties.topicAlias}`,
    );

const taking = (topicAliasMaximum: number, more = {}) => ({
  connect: () => connackWith({ topicAliasMaximum, ...more }),
});

const send = (world: World, ...topics: string[]): void => {
  for (const topic of topics) world.watch(world.client.publish(topic, 'x'));
};

describe('topic aliases of our own', () => {
  it('[v5 MQTT-3.3.2-8] binds an alias at the first message of a topic, and sends the alias alone from then on', () => {
    inVirtualTime({ topicAlias: 'auto', answers: taking(2) }, (world) => {
      world.to(0);
      send(world, 'hall/1', 'hall/2', 'hall/1', 'hall/2');
      expect(aliases(world)).toEqual(['hall/1=1', 'hall/2=2', '=1', '=2']);
    });
  });

  it('[v5 MQTT-3.2.2-17] [v5 MQTT-3.3.2-9] gives the alias that was not used for longest to the next topic', () => {
    inVirtualTime({ topicAlias: 'auto', answers: taking(2) }, (world) => {
      world.to(0);
      send(world, 'hall/1', 'hall/2', 'hall/1', 'hall/3', 'hall/1', 'hall/2', 'hall/3');
      expect(aliases(world)).toEqual(['hall/1=1', 'hall/2=2', '=1', 'hall/3=2', '=1', 'hall/2=2', 'hall/3=1']);
    });
  });

  it.each([
    ['the broker takes none', { topicAlias: 'auto' as const, answers: taking(0) }],
    ['the broker does not say', { topicAlias: 'auto' as const }],
    ['they are off, as by default', { answers: taking(10) }],
    ['it is 3.1.1', { topicAlias: 'auto' as const, protocolVersion: 4 as const }],
  ])('[v5 MQTT-3.2.2-18] sends topics in full where %s', (_title, options) => {
    inVirtualTime(options, (world) => {
      world.to(0);
      send(world, 'hall/1', 'hall/1');
      expect(aliases(world)).toEqual(['hall/1', 'hall/1']);
    });
  });

  it('spends none on topics that are shorter than an alias', () => {
    inVirtualTime({ topicAlias: 'auto', answers: taking(10) }, (world) => {
      world.to(0);
      send(world, 'a', 'a/b', 'a', 'a/b');
      expect(aliases(world)).toEqual(['a', 'a/b', 'a', 'a/b']);
    });
  });

  it('[v5 MQTT-3.2.2-15] does not bind one where the packet would be too large with it', () => {
    // PUBLISH of 'hall/1' and 'x' at QoS 0 has 2 + 8 + 1 + 1 bytes, and three more with an alias.
    inVirtualTime({ topicAlias: 'auto', answers: taking(10, { maximumPacketSize: 12 }) }, (world) => {
      world.to(0);
      send(world, 'hall/1', 'hall/1');
      expect(aliases(world)).toEqual(['hall/1', 'hall/1']);
    });
  });

  it('[v5 MQTT-3.3.2-7] binds anew on each connection, also for what is sent again', () => {
    const answers = { connect: () => connackWith({ topicAliasMaximum: 5 }, false) };
    let present = false;
    inVirtualTime(
      {
        topicAlias: 'auto',
        clean: false,
        sessionExpiry: 60,
        reconnect: { minDelay: 100, jitter: 'none' },
        answers: { connect: () => ({ ...answers.connect(), sessionPresent: present }) },
      },
      (world) => {
        world.to(0);
        world.watch(world.client.publish('hall/1', '1', { qos: 1 }));
        world.watch(world.client.publish('hall/1', '2', { qos: 2 }));
        world.line.send(pubrec(2));
        world.watch(world.client.publish('hall/1', '3', { qos: 1 }));
        expect(aliases(world)).toEqual(['hall/1=1', '=1', '=1']);
        present = true;
        world.line.peer.fail();
        world.to(200);
        expect(aliases(world)).toEqual(['hall/1=1', '=1']);
        expect(world.line.packets.slice(1).map((packet) => ('dup' in packet ? packet.dup : packet.cmd))).toEqual([
          true,
          'pubrel',
          true,
        ]);
        world.line.send(puback(1), pubcomp(2), puback(3));
      },
    );
  });

  it('shows the packet in packets$ as it was written', () => {
    inVirtualTime({ topicAlias: 'auto', answers: taking(2) }, (world) => {
      const log: string[] = [];
      world.client.packets$.subscribe(({ direction, packet }) => {
        if (direction === 'out' && packet.cmd === 'publish')
          log.push(`${packet.topic}=${packet.properties?.topicAlias}`);
      });
      world.to(0);
      send(world, 'hall/1', 'hall/1');
      expect(log).toEqual(['hall/1=1', '=1']);
    });
  });
});

describe('topic aliases of the broker', () => {
  it('[v5 MQTT-3.3.2-10] takes each alias up to our maximum, and delivers the real topic, also at QoS 2', () => {
    inVirtualTime({ properties: { topicAliasMaximum: 3 } }, (world) => {
      const { log } = world.watch(world.client.messages$, shown);
      world.to(0);
      for (const alias of [1, 2, 3]) {
        world.line.send(publish(`t/${alias}`, 'bind', { properties: { topicAlias: alias } }));
        world.line.send(publish('', 'use', { qos: 2, id: alias, properties: { topicAlias: alias } }));
      }
      expect(log).toEqual([1, 2, 3].flatMap((alias) => [`0 t/${alias}=bind`, `0 t/${alias}=use`]));
    });
  });

  it('[v5 MQTT-3.3.2-7] forgets them with the connection, also when the session goes on', () => {
    let present = false;
    inVirtualTime(
      {
        properties: { topicAliasMaximum: 3 },
        clean: false,
        sessionExpiry: 60,
        reconnect: { minDelay: 100, jitter: 'none' },
        answers: { connect: () => connackWith({}, present) },
      },
      (world) => {
        const { log } = world.watch(world.client.messages$, shown);
        world.to(0);
        world.line.send(publish('t', 'bind', { properties: { topicAlias: 1 } }));
        present = true;
        world.line.peer.fail();
        world.to(150);
        world.take();
        world.line.send(publish('', 'use', { properties: { topicAlias: 1 } }));
        expect(world.take()).toEqual(['150 DISCONNECT 0x82', '150 closed']);
        expect(log).toEqual(['0 t=bind']);
      },
    );
  });
});
