/** An application for React Native, bundled by Metro as React Native sets it up, in a context with what Hermes has. */
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from 'node:timers';
import { createContext, runInContext } from 'node:vm';
import { WebSocket } from 'ws';
import { assert, MINUTE, run } from '../../scripts/rings.mjs';
import { withBroker } from './broker.mjs';
import { exchangeFile } from './bundlers.mjs';
import { project, versionOf } from './installed.mjs';
import { tested } from './table.mjs';

const LIMIT = 20_000;
const POLYFILLS = ['fast-text-encoding', 'react-native-get-random-values', 'react-native-url-polyfill'];

/** The native modules behind React Native's own JavaScript; `emit` sends its events. */
function nativeModules(emit) {
  const sockets = new Map();
  const webSockets = {
    connect(url, protocols, _options, id) {
      const socket = new WebSocket(url, protocols ?? []);
      sockets.set(id, socket);
      socket.on('open', () => emit('websocketOpen', { id, protocol: socket.protocol }));
      socket.on('message', (data) => emit('websocketMessage', { id, type: 'binary', data: data.toString('base64') }));
      socket.on('close', (code, reason) => emit('websocketClosed', { id, code, reason: reason.toString() }));
      socket.on('error', ({ message }) => emit('websocketFailed', { id, message }));
    },
    sendBinary: (data, id) => sockets.get(id).send(Buffer.from(data, 'base64')),
    close: (code, reason, id) => sockets.get(id).close(code, reason),
    addListener() {},
    removeListeners() {},
  };
  return {
    WebSocketModule: webSockets,
    RNGetRandomValues: { getRandomBase64: (length) => randomBytes(length).toString('base64') },
    PlatformConstants: { getConstants: () => ({ Version: 36, isTesting: false, reactNativeVersion: {} }) },
  };
}

/** Runs a bundle, and resolves with what it reports. There is no TextDecoder and no `crypto`. */
export function runBundle(code, broker) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the bundle reports nothing')), LIMIT);
    const context = createContext({
      ...{ console, performance, queueMicrotask, setImmediate, TextEncoder },
      ...{ setTimeout, clearTimeout, setInterval, clearInterval },
      broker,
      report: (result) => (clearTimeout(timer), resolve(result)),
    });
    const modules = nativeModules((name, event) => context.onNativeEvent(name, event));
    context.__turboModuleProxy = (name) => modules[name] ?? null;
    context.nativeModuleProxy = modules;
    assert(
      runInContext('typeof TextDecoder + typeof crypto + typeof Buffer', context) === 'undefined'.repeat(3),
      'too much',
    );
    runInContext(code, context);
  });
}

export async function mobile(ring) {
  let folder;
  let version;
  const bundle = async (entry, config = 'metro.config.js') => {
    const out = join(folder, `${entry}.${config}`);
    // Hermes takes no minified code.
    const flags = ['--out', out, '--platform', 'android', '--dev', 'false', '--minify', 'false', '--config', config];
    await run('npx', ['--no-install', 'metro', 'build', `${entry}.js`, ...flags], folder, 10 * MINUTE);
    return readFile(out, 'utf8');
  };
  await tested(ring, 'mobile', 'React Native', 'without polyfills: connect() says what it needs', async () => {
    const react = ['react-native', '@react-native/metro-config', '@react-native/babel-preset', 'metro'];
    folder = await project(ring, 'mobile', [...react, ...POLYFILLS]);
    await cp(exchangeFile, join(folder, 'exchange.js'));
    const said = await runBundle(await bundle('bare'), 'ws://127.0.0.1:9/mqtt');
    for (const part of ['ConnectError true UNSUPPORTED_PLATFORM: connect: ', ...POLYFILLS]) {
      assert(said.includes(part), `"${part}" is missing in: ${said}`);
    }
    return (version = `${await versionOf(folder, 'react-native')}, Metro ${await versionOf(folder, 'metro')}`);
  });
  for (const [how, config] of [
    ['with polyfills, over its WebSocket', 'metro.config.js'],
    ['the same without export conditions, as up to 0.78', 'earlier.config.js'],
  ]) {
    await tested(ring, 'mobile', 'React Native', how, () =>
      withBroker(async ({ ws }) => {
        const said = await runBundle(await bundle('complete', config), ws);
        assert(said === '0, 1, 2', said);
        return version;
      }),
    );
  }
}
