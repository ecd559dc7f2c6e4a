import {
  connackWith,
  inVirtualTime,
  publish,
  shown,
  suback,
  type Answers,
  type World,
  type WorldOptions,
} from '../../marble-tests/support.js';

/** What a broker sends at the wrong moment, and the code of DISCONNECT on MQTT 5; on 3.1.1 the line is only closed. */
interface Row {
  readonly what: string;
  readonly v5?: string;
  readonly v4?: string;
  readonly code: number;
  /** What the client does before. */
  readonly first?: (world: World) => void;
  readonly options?: WorldOptions;
}

const publishAt = (qos: 1 | 2) => (world: World) => world.fire(world.client.publish('t', '', { qos }));
const released = (world: World): void => {
  publishAt(2)(world);
  world.line.sendHex('50 02 00 01');
};
const asked = (world: World): void => {
  world.fire(world.client.subscribe(['a', 'b']));
  world.by(0);
};
const unasked = (world: World): void => {
  world.fire(world.client.unsubscribe('a'));
  world.by(0);
};
const heldBack = (world: World): void => {
  world.fire(world.client.subscribe('a', { qos: 2, ack: 'manual' }));
  world.by(0);
  world.line.send(suback(1, 2), publish('a', '', { qos: 2, id: 5 }));
};

const ROWS: Row[] = [
  { what: '35 a second CONNACK', v5: '20 03 00 00 00', v4: '20 02 00 00', code: 0x82 },
  {
    what: '50 PUBLISH with packet identifier 0',
    v5: '32 06 00 01 61 00 00 00',
    v4: '32 05 00 01 61 00 00',
    code: 0x82,
  },
  { what: '51 a wildcard in a topic', v5: '30 04 00 01 2b 00', v4: '30 03 00 01 2b', code: 0x81 },
  { what: '52 an empty topic without an alias', v5: '30 03 00 00 00', v4: '30 02 00 00', code: 0x82 },
  { what: '53 topic alias 0', v5: '30 07 00 01 61 03 23 00 00', code: 0x94 },
  { what: '53 a topic alias though none is allowed', v5: '30 07 00 01 61 03 23 00 01', code: 0x94 },
  {
    what: '53 a topic alias above the maximum',
    v5: '30 07 00 01 61 03 23 00 03',
    code: 0x94,
    options: { properties: { topicAliasMaximum: 2 } },
  },
  {
    what: '54 a topic alias that is not bound',
    v5: '30 06 00 00 03 23 00 01',
    code: 0x82,
    options: { properties: { topicAliasMaximum: 2 } },
  },
  {
    what: '55 more messages than Receive Maximum',
    v5: '34 06 00 01 61 00 01 00 34 06 00 01 61 00 02 00',
    code: 0x93,
    options: { properties: { receiveMaximum: 1 } },
  },
  { what: '57 a wildcard in the response topic', v5: '30 08 00 01 61 04 08 00 01 23', code: 0x82 },
  {
    what: '62 QoS 1 with the identifier of an open QoS 2 exchange',
    v5: '34 06 00 01 61 00 07 00 32 06 00 01 61 00 07 00',
    v4: '34 05 00 01 61 00 07 32 05 00 01 61 00 07',
    code: 0x82,
  },
  { what: '70 PUBACK for QoS 2', v5: '40 02 00 01', v4: '40 02 00 01', code: 0x82, first: publishAt(2) },
  { what: '70 PUBREC for QoS 1', v5: '50 02 00 01', v4: '50 02 00 01', code: 0x82, first: publishAt(1) },
  { what: '70 PUBCOMP for QoS 1', v5: '70 02 00 01', v4: '70 02 00 01', code: 0x82, first: publishAt(1) },
  { what: '70 PUBCOMP before our PUBREL', v5: '70 02 00 01', v4: '70 02 00 01', code: 0x82, first: publishAt(2) },
  { what: '70 PUBACK after PUBREC', v5: '40 02 00 01', v4: '40 02 00 01', code: 0x82, first: released },
  { what: '71 PUBREL before our PUBREC', v5: '62 02 00 05', v4: '62 02 00 05', code: 0x82, first: heldBack },
  { what: '75 SUBACK that answers nothing', v5: '90 04 00 09 00 00', v4: '90 03 00 09 00', code: 0x82 },
  { what: '75 UNSUBACK that answers nothing', v5: 'b0 04 00 09 00 00', v4: 'b0 02 00 09', code: 0x82 },
  { what: '75 UNSUBACK for SUBSCRIBE', v5: 'b0 04 00 01 00 00', v4: 'b0 02 00 01', code: 0x82, first: asked },
  { what: '75 SUBACK for UNSUBSCRIBE', v5: '90 04 00 01 00 00', v4: '90 03 00 01 00', code: 0x82, first: unasked },
  { what: '76 SUBACK with too few codes', v5: '90 04 00 01 00 00', v4: '90 03 00 01 00', code: 0x82, first: asked },
  {
    what: '76 SUBACK with too many codes',
    v5: '90 06 00 01 00 00 00 00',
    v4: '90 05 00 01 00 00 00',
    code: 0x82,
    first: asked,
  },
  { what: '76 UNSUBACK with too many codes', v5: 'b0 05 00 01 00 00 00', code: 0x82, first: unasked },
  { what: '77 SUBACK without codes', v5: '90 03 00 01 00', v4: '90 02 00 01', code: 0x82, first: asked },
  { what: '87 AUTH without a method', v5: 'f0 00', v4: 'f0 00', code: 0x82 },
  { what: '3 PINGREQ', v5: 'c0 00', v4: 'c0 00', code: 0x82 },
  {
    what: '9 a packet that is too large, told by its header',
    v5: '30 65',
    v4: '30 65',
    code: 0x95,
    options: { properties: { maximumPacketSize: 100 } },
  },
];

const silent: Answers = { subscribe: () => undefined };
const rows = (version: 4 | 5): (Row & { bytes: string })[] =>
  ROWS.flatMap((row) => {
    const bytes = version === 5 ? row.v5 : row.v4;
    return bytes === undefined ? [] : [{ ...row, bytes }];
  });

function meet(version: 4 | 5, row: Row & { bytes: string }, check: (world: World) => void): void {
  const options = { protocolVersion: version, reconnect: { jitter: 'none' }, answers: silent, ...row.options } as const;
  inVirtualTime(options, (world) => {
    world.to(0);
    row.first?.(world);
    world.by(5);
    world.take();
    world.line.sendHex(row.bytes);
    world.by(1);
    check(world);
  });
}

const hex = (code: number): string => `0x${code.toString(16)}`;

describe('a broker that breaks the protocol', () => {
  it.each(rows(5))('[v5] $what: DISCONNECT, then a new connection', (row) => {
    meet(5, row, (world) => {
      const said = world.take().filter((line) => !line.includes('PUBREC'));
      expect(said).toEqual([`5 DISCONNECT ${hex(row.code)}`, '5 closed']);
      expect(world.client.state).toMatchObject({
        status: 'reconnecting',
        reason: { name: 'ProtocolError', code: 'PROTOCOL', reasonCode: row.code },
      });
      world.by(1000);
      expect(world.lines).toHaveLength(2);
    });
  });

  it.each(rows(4))('[v4 MQTT-4.8.0-1] $what: closed silently, then a new connection', (row) => {
    meet(4, row, (world) => {
      expect(world.take().filter((line) => !line.includes('PUBREC'))).toEqual(['5 closed']);
      expect(world.client.state).toMatchObject({ status: 'reconnecting', reason: { code: 'PROTOCOL' } });
      world.by(1000);
      expect(world.lines).toHaveLength(2);
    });
  });

  it('[v4] row 77: UNSUBACK has no codes, and zeros are emitted', () => {
    inVirtualTime({ protocolVersion: 4 }, (world) => {
      world.to(0);
      const { log } = world.watch(world.client.unsubscribe(['a', 'b']));
      world.by(1);
      world.line.sendHex('b0 02 00 01');
      expect(log).toEqual(['1 0,0', '1 done']);
    });
  });

  it('[v5 MQTT-3.3.2-7] rows 53, 54: a topic alias that is bound stands for its topic', () => {
    inVirtualTime({ properties: { topicAliasMaximum: 1 } }, (world) => {
      const { log } = world.watch(world.client.subscribe('a'), shown);
      world.to(0);
      world.line.sendHex('30 08 00 01 61 03 23 00 01 31');
      world.line.sendHex('30 07 00 00 03 23 00 01 32');
      expect(log).toEqual(['0 a=1', '0 a=2']);
    });
  });

  it('delivers what arrived before the fault, and nothing after it', () => {
    inVirtualTime({}, (world) => {
      const { log } = world.watch(world.client.subscribe('a'), shown);
      world.to(0);
      world.line.sendHex('30 05 00 01 61 00 31  20 03 00 00 00  30 05 00 01 61 00 32');
      expect(log).toEqual(['0 a=1']);
    });
  });
});

describe('CONNACK, and other packets in its place', () => {
  const meetConnack = (bytes: string, options: WorldOptions, check: (world: World) => void): void =>
    inVirtualTime(
      {
        ...options,
        reconnect: { jitter: 'none' },
        answers: { connect: (_, line) => (line.sendHex(bytes), undefined) },
      },
      (world) => {
        world.to(0);
        check(world);
      },
    );

  const CASES = [
    { row: '33 PUBLISH first', v5: '30 04 00 01 61 00', v4: '30 03 00 01 61', code: 0x82 },
    { row: '36 reserved bits in CONNACK', v5: '20 03 02 00 00', v4: '20 02 02 00', code: 0x81 },
    { row: '38 session present after a clean start', v5: '20 03 01 00 00', v4: '20 02 01 00', code: 0x82 },
    { row: '47 an authentication method though none was offered', v5: '20 07 00 00 04 15 00 01 61', code: 0x82 },
    { row: '44 no identifier assigned', v5: '20 03 00 00 00', code: 0x82, options: { clientId: '' } },
  ] as { row: string; v5: string; v4?: string; code: number; options?: WorldOptions }[];

  it.each(CASES)('[v5] row $row: DISCONNECT', ({ v5, code, options }) => {
    meetConnack(v5, { protocolVersion: 5, ...options }, (world) => {
      expect(world.wire).toEqual(['0 CONNECT v5 clean', `0 DISCONNECT ${hex(code)}`, '0 closed']);
      expect(world.states.slice(2)).toEqual(['0 reconnecting 2 in 1000']);
    });
  });

  it.each(CASES.filter(({ v4 }) => v4 !== undefined))('[v4] row $row: closed', ({ v4 = '' }) => {
    meetConnack(v4, { protocolVersion: 4 }, (world) => {
      expect(world.wire).toEqual(['0 CONNECT v4 clean', '0 closed']);
    });
  });

  it('[v5] row 34: DISCONNECT before CONNACK is reported with its code and not answered', () => {
    meetConnack('e0 02 89 00', { protocolVersion: 5 }, (world) => {
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '0 closed']);
      expect(world.client.state).toMatchObject({ reason: { code: 'DISCONNECTED', reasonCode: 0x89 } });
    });
  });

  it('[v5] row 41: a refusal is not answered', () => {
    meetConnack('20 03 00 89 00', { protocolVersion: 5 }, (world) => {
      expect(world.wire).toEqual(['0 CONNECT v5 clean', '0 closed']);
    });
  });

  it('row 39: a session that this process does not know is accepted', () => {
    const answers = { connect: () => connackWith({}, true) };
    inVirtualTime({ clean: false, sessionExpiry: 60, answers }, (world) => {
      world.to(0);
      expect(world.client.state).toMatchObject({ status: 'connected', sessionPresent: true });
    });
  });
});

describe('header-time size guard', () => {
  it.each([4, 5] as const)(
    '[v%i] is 16 MiB where nothing else was asked for, and holds before the body comes',
    (protocolVersion) => {
      inVirtualTime({ protocolVersion, reconnect: false }, (world) => {
        world.to(0);
        world.line.sendHex('30 ff ff ff 07');
        world.by(1);
        expect(world.client.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x95 } });
      });
    },
  );
});
