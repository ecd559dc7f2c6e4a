import dns from 'node:dns';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { firstValueFrom, lastValueFrom, NEVER, of, throwError, timeout } from 'rxjs';
import { nodeTransport, type ConnectTarget, type SrvRecord } from '../../src/index.js';
import { lookUp } from '../../src/transport/look-up.js';
import { nodePlatform } from '../../src/transport/node-platform.js';
import { srvOrder } from '../../src/transport/srv-order.js';
import { DnsStub } from '../support/dns-stub.js';

const record = (name: string, priority = 0, weight = 0, port = 1883): SrvRecord => ({ name, port, priority, weight });

describe('[RFC 2782] the order of servers', () => {
  it('goes by priority, the lowest number first', () => {
    const records = [record('c', 20), record('a', 5), record('b', 10)];
    expect(srvOrder(records).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('goes by lot within a priority, in proportion to the weights', () => {
    const records = [record('heavy', 1, 60), record('middle', 1, 30), record('light', 1, 10), record('never', 2, 9)];
    const first = new Map<string, number>();
    let step = 0;
    // Evenly spread, so that the test draws no lots of its own.
    const random = () => (((step++ * 0.618_033_988_75) % 1) + 1) % 1;
    for (let times = 0; times < 3000; times++) {
      const name = srvOrder(records, random)[0]?.name ?? '';
      first.set(name, (first.get(name) ?? 0) + 1);
    }
    expect(first.get('never')).toBeUndefined();
    expect((first.get('heavy') ?? 0) / 3000).toBeCloseTo(0.6, 1);
    expect((first.get('middle') ?? 0) / 3000).toBeCloseTo(0.3, 1);
    expect((first.get('light') ?? 0) / 3000).toBeCloseTo(0.1, 1);
  });

  it('gives servers of weight 0 a small chance beside others, and the same among themselves', () => {
    const beside = [record('w', 0, 9), record('z', 0, 0)];
    expect(srvOrder(beside, () => 0).map(({ name }) => name)).toEqual(['z', 'w']);
    expect(srvOrder(beside, () => 0.999).map(({ name }) => name)).toEqual(['w', 'z']);
    expect(srvOrder([record('a'), record('b')], () => 0.999)).toHaveLength(2);
  });
});

describe('the URL of a service', () => {
  it.each([
    ['mqtt+srv://example.org', undefined],
    ['mqtts+srv://ann:secret@example.org/', undefined],
    ['mqtt+srv://example.org:1883', 'it has a port'],
    ['mqtt+srv://example.org/mqtt', 'it has a path'],
    ['mqtt+srv://127.0.0.1', 'its host is an address'],
    ['mqtts+srv://[::1]', 'its host is an address'],
    ['mqtt+srv:example.org', 'did you mean mqtt+srv://example.org?'],
    ['ws+srv://example.org', 'the scheme "ws+srv" is not supported'],
  ])('%s', (url, problem) => {
    if (problem === undefined) expect(nodePlatform.urlProblem(url)).toBeUndefined();
    else expect(nodePlatform.urlProblem(url)).toContain(problem);
  });
});

describe('a look-up', () => {
  const records = (...all: SrvRecord[]): ConnectTarget['socket'] => ({ resolveSrv: () => of(all) });
  const found = async (url: string, socket: ConnectTarget['socket'], tls?: ConnectTarget['tls']) =>
    (await firstValueFrom(lookUp({ url, socket, tls }))).map((server) => server.url);

  it('asks for _mqtt._tcp and _secure-mqtt._tcp, and makes URLs with the scheme, user name and password', async () => {
    const names: string[] = [];
    const socket = {
      resolveSrv: (name: string) => {
        names.push(name);
        return Promise.resolve([record('One.example.org.', 0, 0, 11), record('two.example.org', 1, 0, 12)]);
      },
    };
    expect(await found('mqtt+srv://ann:s%23@example.org', socket)).toEqual([
      'mqtt://ann:s%23@one.example.org:11',
      'mqtt://ann:s%23@two.example.org:12',
    ]);
    expect(await found('mqtts+srv://example.org', socket)).toEqual([
      'mqtts://one.example.org:11',
      'mqtts://two.example.org:12',
    ]);
    expect(names).toEqual(['_mqtt._tcp.example.org', '_secure-mqtt._tcp.example.org']);
  });

  it.each([
    ['no record', records(), 'looking up mqtt+srv://example.org failed: _mqtt._tcp.example.org names no server'],
    ['"." says that there is no such service', records(record('.')), 'names no server'],
    ['a resolver that fails', { resolveSrv: () => throwError(() => new Error('on strike')) }, 'on strike'],
  ])('errors with %s', async (_what, socket, message) => {
    await expect(found('mqtt+srv://ann:secret@example.org', socket)).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining(message) as string,
    });
  });

  it('takes a name with a dot at its end', async () => {
    const socket = records(record('node.example.org.'));
    expect(await found('mqtts+srv://example.org.', socket)).toEqual(['mqtts://node.example.org:1883']);
  });

  it('takes addresses of a resolver of the application', async () => {
    const socket = records(record('::1', 1), record('127.0.0.1', 2));
    expect(await found('mqtt+srv://example.org', socket)).toEqual(['mqtt://[::1]:1883', 'mqtt://127.0.0.1:1883']);
  });

  it.each([
    'evil.example/.example.org',
    'evil.example#.example.org',
    'x@evil.example',
    'evil.example:1?.example.org',
    '',
  ])('passes over a name that is none: "%s"', async (name) => {
    const socket = records(record(name, 1), record('node.example.org', 2));
    expect(await found('mqtts+srv://example.org', socket)).toEqual(['mqtts://node.example.org:1883']);
    await expect(found('mqtt+srv://ann:secret@example.org', records(record(name)))).rejects.toThrow('names no server');
  });

  it.each([0, -1, 70_000, 1.5, NaN])('passes over the port %d', async (port) => {
    const socket = records(record('a.example.org', 0, 0, port), record('b.example.org', 1));
    expect(await found('mqtt+srv://example.org', socket)).toEqual(['mqtt://b.example.org:1883']);
  });

  it('with TLS trusts no name outside of the domain that was asked for, unless the application says which', async () => {
    const socket = records(record('node.example.org', 1), record('evil.example'), record('notexample.org'));
    expect(await found('mqtts+srv://example.org', socket)).toEqual(['mqtts://node.example.org:1883']);
    const foreign = records(record('evil.example'));
    await expect(found('mqtts+srv://example.org', foreign)).rejects.toThrow(
      'names evil.example, outside of example.org',
    );
    const named = await found('mqtts+srv://example.org', foreign, { servername: 'example.org' });
    expect(named).toEqual(['mqtts://evil.example:1883']);
    expect(await found('mqtt+srv://example.org', foreign)).toEqual(['mqtt://evil.example:1883']);
  });
});

describe('a look-up over DNS', () => {
  const before = dns.getServers();
  let stub: DnsStub;
  beforeEach(async () => {
    stub = await DnsStub.start();
    dns.setServers([stub.address]);
  });
  afterEach(async () => {
    dns.setServers(before);
    await stub.stop();
  });

  it('asks the name servers of the process each time', async () => {
    stub.records.set('_mqtt._tcp.example.org', [record('a.example.org', 3, 7, 1000)]);
    const servers$ = lookUp({ url: 'mqtt+srv://example.org' });
    expect(await firstValueFrom(servers$)).toEqual([{ url: 'mqtt://a.example.org:1000', priority: 3, weight: 7 }]);
    stub.records.set('_mqtt._tcp.example.org', [record('b.example.org', 3, 7, 1001)]);
    expect(await firstValueFrom(servers$)).toEqual([{ url: 'mqtt://b.example.org:1001', priority: 3, weight: 7 }]);
    expect(stub.asked).toEqual(['_mqtt._tcp.example.org', '_mqtt._tcp.example.org']);
  });

  it('says what is wrong', async () => {
    await expect(firstValueFrom(lookUp({ url: 'mqtt+srv://nowhere.example' }))).rejects.toThrow(
      'looking up mqtt+srv://nowhere.example failed: DNS: no such name (ENOTFOUND); check _mqtt._tcp.nowhere.example',
    );
    stub.records.set('_mqtt._tcp.empty.example', []);
    await expect(firstValueFrom(lookUp({ url: 'mqtt+srv://empty.example' }))).rejects.toThrow('ENODATA');
  });

  it('is taken back when it is unsubscribed', async () => {
    stub.isSilent = true;
    const cancel = jest.spyOn(dns.Resolver.prototype, 'cancel');
    try {
      const late$ = lookUp({ url: 'mqtt+srv://example.org' }).pipe(timeout({ first: 20, with: () => of('late') }));
      expect(await lastValueFrom(late$)).toBe('late');
      expect(cancel).toHaveBeenCalledTimes(1);
    } finally {
      cancel.mockRestore();
    }
  });
});

describe('nodeTransport', () => {
  let server: NetServer;
  let port: number;
  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('dials the servers of a service in turn, until one can be reached', async () => {
    const dead = record('localhost', 1, 0, 1);
    const socket = { resolveSrv: () => of([record('localhost', 2, 0, port), dead]), family: 4 as const };
    const connection = await firstValueFrom(
      nodeTransport({ url: 'mqtt+srv://example.org', socket, subprotocol: 'mqtt' }),
    );
    expect(connection.peer.address).toBe(`127.0.0.1:${port}`);
  });

  it('errors with the last failure when none can', async () => {
    const socket = { resolveSrv: () => of([record('localhost', 1, 0, 1)]), family: 4 as const };
    const dial$ = nodeTransport({ url: 'mqtt+srv://example.org', socket, subprotocol: 'mqtt' });
    await expect(firstValueFrom(dial$)).rejects.toThrow('connecting to mqtt://localhost:1 failed: connection refused');
  });

  it('waits for the look-up only as long as it is subscribed to', () => {
    const socket = { resolveSrv: () => NEVER };
    const dialling = nodeTransport({ url: 'mqtt+srv://example.org', socket, subprotocol: 'mqtt' }).subscribe();
    dialling.unsubscribe();
    expect(dialling.closed).toBe(true);
  });
});
