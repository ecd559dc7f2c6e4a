import { ConnectError, ErrorCode } from '../../src/errors.js';
import { parseUrl } from '../../src/transport/broker-url.js';
import { parseProxy } from '../../src/transport/proxy-url.js';
import { displayUrl, resolveAgainstPage } from '../../src/transport/url.js';

describe('parseUrl', () => {
  test.each([
    ['mqtt://host', 1883],
    ['tcp://host', 1883],
    ['mqtts://host', 8883],
    ['ssl://host', 8883],
    ['tls://host', 8883],
    ['ws://host', 80],
    ['wss://host', 443],
    ['mqtt://host:80', 80],
    ['ws://host:80', 80],
    ['tcp://host:0', 0],
  ])('%s has port %d', (url, port) => {
    expect(parseUrl(url)).toMatchObject({ host: 'host', port });
  });

  test.each([
    ['mqtt://[::1]', '::1', 1883, 'mqtt://[::1]:1883'],
    ['mqtt://[2001:DB8::7]:99', '2001:db8::7', 99, 'mqtt://[2001:db8::7]:99'],
    ['mqtt://HOST.example', 'host.example', 1883, 'mqtt://host.example:1883'],
    ['mqtt://müller.example', 'xn--mller-kva.example', 1883, 'mqtt://xn--mller-kva.example:1883'],
    ['mqtt://[fe80::1%25eth0]:99', 'fe80::1%eth0', 99, 'mqtt://[fe80::1%25eth0]:99'],
    ['mqtts://[fe80::1%eth0]', 'fe80::1%eth0', 8883, 'mqtts://[fe80::1%25eth0]:8883'],
    ['wss://u:p@[FE80::1%25wlan0]/mqtt', 'fe80::1%wlan0', 443, 'wss://[fe80::1%25wlan0]:443/mqtt'],
    ['mqtt://my_broker', 'my_broker', 1883, 'mqtt://my_broker:1883'],
  ])('%s has host %s', (url, host, port, href) => {
    expect(parseUrl(url)).toMatchObject({ host, port, href });
  });

  test('extracts user name and password, decoded', () => {
    const url = parseUrl('wss://us%40er:p%3Ass%2Fword@host/mqtt?token=t');
    expect([url.username, url.password]).toEqual(['us@er', 'p:ss/word']);
    expect(url.href).toBe('wss://host:443/mqtt?token=t');
    expect(url.display).toBe('wss://host:443/mqtt');
    expect(url.path).toBe('/mqtt?token=t');
  });

  test('has no user name if none is given', () => {
    expect(parseUrl('mqtt://host')).toMatchObject({ username: undefined, password: undefined });
  });

  test.each([
    ['unix:/run/mqtt.sock', '/run/mqtt.sock'],
    ['unix:///run/mqtt.sock', '/run/mqtt.sock'],
    ['unix:local.sock', 'local.sock'],
  ])('%s is the socket at %s', (url, path) => {
    expect(parseUrl(url)).toMatchObject({ scheme: 'unix', path, host: '', href: `unix:${path}` });
  });

  test.each([
    ['ws+unix:/run/mqtt.sock:/mqtt?token=t', '/run/mqtt.sock:/mqtt?token=t'],
    ['ws+unix:///run/mqtt.sock:/mqtt?token=t', '/run/mqtt.sock:/mqtt?token=t'],
  ])('%s is a WebSocket over a socket of the system', (url, path) => {
    expect(parseUrl(url)).toMatchObject({ scheme: 'ws+unix', path, host: '', href: `ws+unix:${path}` });
    expect(displayUrl(url)).toBe('ws+unix:/run/mqtt.sock:/mqtt');
  });

  test.each([
    'localhost',
    'mqtt:host',
    'mqtt://',
    'mqtt://host:70000',
    'mqtt://user:secret@',
    '//user:secret@host',
    'mqtt://u:secret@a b/?k=secret',
  ])('%s is refused without showing its secrets', (url) => {
    let failure: unknown;
    try {
      parseUrl(url);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(ConnectError);
    expect(failure).toMatchObject({ code: ErrorCode.INVALID_OPTION });
    expect(String(failure)).toContain('cannot be used');
    expect(String(failure)).not.toContain('secret');
    expect((failure as Error).cause).toBeUndefined();
  });
});

describe('a user name or password that is not percent-encoded', () => {
  test.each([
    'mqtt://user:se#cret@host',
    'mqtt://user:se?cret@host:1883',
    'mqtt://user:se/cret@host',
    'mqtt://user:12#cret@host',
    'mqtt://user:12/cret@host',
    'mqtts://us/er:secret@host',
    'mqtt://user:sec@ret#1@host',
    'ws://user:12#cret@host/mqtt',
    'ws://user:12?cret@host/mqtt',
    'wss://user:12/cret@host/mqtt',
    'wss://user:se#cret@host/mqtt',
    'wss://user:sec@ret/1@host/mqtt',
  ])('%s is refused with the way to write it, and without any of it', (url) => {
    let message = '';
    try {
      parseUrl(url);
    } catch (error) {
      expect(error).toMatchObject({ code: ErrorCode.INVALID_OPTION });
      ({ message } = error as Error);
    }
    expect(message).toMatch(
      /^the URL "[a-z]+:\/\/host[:/\da-z]*" cannot be used: .*; percent-encode .*encodeURIComponent/,
    );
    expect(message).not.toMatch(/us\/er|user:|12|cret|sec/);
  });

  test.each([
    ['mqtt://us%2Fer:p%23%3F%2F%40@host', 'us/er', 'p#?/@'],
    ['mqtt://user:p@ss@host', 'user', 'p@ss'],
    ['mqtt://a@b:pass@host', 'a@b', 'pass'],
  ])('%s is taken', (url, username, password) => {
    expect(parseUrl(url)).toMatchObject({ username, password, host: 'host' });
  });

  test.each([
    'wss://host/mqtt?user=a@b',
    'wss://host:443/mqtt?user=a@b',
    'ws://host/@mqtt',
    'ws://u:p@host/mqtt?x=a@b',
  ])('an @ in path or query of %s is no user name', (url) => {
    expect(parseUrl(url).host).toBe('host');
  });

  test('of a proxy is refused, too', () => {
    const problem = (): unknown => parseProxy('http://user:12#cret@host:3128');
    expect(problem).toThrow(/^proxy "http:\/\/host:3128" cannot be used: percent-encode/);
  });
});

describe('displayUrl', () => {
  test.each([
    ['mqtt://user:secret@host/', 'mqtt://host:1883'],
    ['wss://host/mqtt?X-Amz-Signature=secret', 'wss://host:443/mqtt'],
    ['/mqtt?token=secret', '/mqtt'],
    ['mqtt://user:sec/ret@host:port', 'mqtt://host:port'],
    ['user:secret@host', 'host'],
  ])('%s is shown as %s', (url, shown) => {
    expect(displayUrl(url)).toBe(shown);
  });
});

describe('resolveAgainstPage', () => {
  test.each([
    ['/mqtt', 'https://page.example/app/index.html', 'wss://page.example/mqtt'],
    ['/mqtt', 'http://page.example:8080/app', 'ws://page.example:8080/mqtt'],
    ['mqtt', 'https://page.example/app/', 'wss://page.example/app/mqtt'],
    ['//other.example/mqtt', 'https://page.example/', 'wss://other.example/mqtt'],
    ['wss://broker.example/mqtt', undefined, 'wss://broker.example/mqtt'],
  ])('%s in %s is %s', (url, page, resolved) => {
    expect(resolveAgainstPage(url, page)).toBe(resolved);
  });

  test('a relative URL outside a page is refused', () => {
    expect(() => resolveAgainstPage('/mqtt', undefined)).toThrow(/no page to resolve it against/);
  });
});
