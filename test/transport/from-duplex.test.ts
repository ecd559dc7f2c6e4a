import { connect as dial, createServer, type AddressInfo, type Server } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { connect as dialTls, createServer as createTlsServer } from 'node:tls';
import { EMPTY, firstValueFrom, NEVER, type ObservableInput, of, Subscription, throwError } from 'rxjs';
import { createBroker } from '../../src/broker/index.js';
import { connect, type ConnectError, type DuplexLike, fromDuplex } from '../../src/index.js';
import { makeCertificates } from '../support/certificates.js';
import { opened } from './lines.js';

type Open = () => DuplexLike | ObservableInput<DuplexLike>;

const target = { url: 'mqtt://device?secret=1', subprotocol: 'mqtt' };
const silent = (): Duplex => new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });

function failureOf(open: Open): Promise<ConnectError> {
  return new Promise((resolve, reject) => {
    fromDuplex(open)(target).subscribe({ next: () => reject(new Error('it is open')), error: resolve });
  });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('fromDuplex', () => {
  it('[AWSIoTPythonSDK] configureSocketFactory: a client over sockets of a factory, one an attempt', async () => {
    const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
    const [address = ''] = await broker.listening;
    const sockets: DuplexLike[] = [];
    const client = connect('mqtt://device', {
      reconnect: { minDelay: 1 },
      transport: fromDuplex(() => {
        const socket = dial({ host: '127.0.0.1', port: Number(new URL(address).port) });
        sockets.push(socket);
        return socket;
      }),
    });
    await firstValueFrom(client.publish('a', 'first', { qos: 1 }));
    broker.dropConnections();
    await firstValueFrom(client.publish('a', 'second', { qos: 1 }));
    expect(sockets.length).toBe(2);
    await client.end();
    await broker.close();
  });

  it.each<[string, (stream: Duplex) => ReturnType<Open>]>([
    ['a Duplex, although it can be iterated', (stream) => stream],
    ['a promise', (stream) => Promise.resolve(stream)],
    ['an Observable that goes on', (stream) => of(stream, silent())],
  ])('takes %s', async (_what, give) => {
    const stream = silent();
    const keep = new Subscription();
    const connection = await opened(fromDuplex(() => give(stream))(target), keep);
    expect(stream.destroyed).toBe(false);
    keep.unsubscribe();
    expect(connection).toMatchObject({ peer: { address: 'mqtt://device:1883' } });
    expect(stream.destroyed).toBe(true);
  });

  it('waits for the handshake of a TLS socket', async () => {
    const { ca, server: own } = makeCertificates();
    const server = createTlsServer({ cert: own.cert, key: own.key }, (socket) => socket.end());
    const port = await listening(server);
    const trusting = fromDuplex(() => dialTls({ port, host: '127.0.0.1', ca: ca.cert }))(target);
    expect((await firstValueFrom(trusting)).peer.certificate).toMatchObject({ subject: { CN: 'server' } });
    expect((await failureOf(() => dialTls({ port, host: '127.0.0.1' }))).message).toContain('not trusted');
    await new Promise((resolve) => server.close(resolve));
  });

  it('destroys a stream that comes too late', async () => {
    const stream = silent();
    let give = (_stream: Duplex): void => undefined;
    const late = new Promise<Duplex>((resolve) => (give = resolve));
    fromDuplex(() => late)(target)
      .subscribe()
      .unsubscribe();
    give(stream);
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.destroyed).toBe(true);
  });

  it('gives up an Observable that has not answered', () => {
    const dialling = fromDuplex(() => NEVER)(target).subscribe();
    dialling.unsubscribe();
    expect(dialling.closed).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'open() returned no Duplex'],
    ['a text', 'stream', 'open() returned no Duplex'],
    ['a promise of something else', Promise.resolve({}), 'open() returned no Duplex'],
    ['an Observable that is empty', EMPTY, 'open() returned no stream'],
    ['a stream of objects', new PassThrough({ objectMode: true }), 'the stream of open() emits objects or strings'],
    ['a stream of texts', new PassThrough().setEncoding('utf8'), 'the stream of open() emits objects or strings'],
    ['a stream that is destroyed', silent().destroy(), 'the stream of open() is closed'],
  ])('refuses %s', async (_what, given, problem) => {
    const failure = await failureOf(() => given as DuplexLike);
    expect(failure).toMatchObject({ name: 'ConnectError', code: 'INVALID_OPTION' });
    expect(failure.message).toContain(`connecting to mqtt://device:1883 failed: ${problem}`);
  });

  it('fails the attempt with what open() throws or rejects with, as the cause', async () => {
    const cause = new Error('no carrier');
    for (const open of [() => Promise.reject(cause), () => throwError(() => cause)]) {
      expect(await failureOf(open)).toMatchObject({ name: 'ConnectError', cause });
    }
    const thrown = await failureOf(() => {
      throw cause;
    });
    expect(thrown.message).toBe('connecting to mqtt://device:1883 failed: no carrier; see the cause of this error');
  });

  it('fails the attempt when the socket cannot be opened, or closes first', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect((await failureOf(() => dial({ host: '127.0.0.1', port }))).message).toContain('connection refused');
    const given = dial({ host: '127.0.0.1', port });
    const failure = failureOf(() => given);
    given.destroy();
    expect((await failure).message).toContain('closed before it was open');
  });
});
