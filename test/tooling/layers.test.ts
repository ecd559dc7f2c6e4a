import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../..');

/** Cruises a tree of sources, given by path and content, with the rules of the house. */
function cruise(files: Readonly<Record<string, string>>): { ok: boolean; violations: readonly string[] } {
  mkdirSync(join(root, 'artifacts'), { recursive: true });
  // Inside the repository, so that packages are found.
  const folder = mkdtempSync(join(root, 'artifacts/layers-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const { status, stdout } = spawnSync(
      process.execPath,
      [cli, '--config', join(root, '.dependency-cruiser.cjs'), 'src'],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
    const violations = [...stdout.matchAll(/^ *error ([^:]+): (\S+)/gm)].map(([, rule, from]) => `${rule} ${from}`);
    return { ok: status === 0, violations };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the layer rule', () => {
  it('passes imports that go downwards', () => {
    const { ok, violations } = cruise({
      'src/errors.ts': 'export const code = 1;',
      'src/topic/filter.ts': "import { code } from '../errors.js'; export const filter = code;",
      'src/client/client.ts':
        "import { filter } from '../topic/filter.js'; export interface Client { f: typeof filter }",
      'src/operators/ack-after.ts':
        "import type { Client } from '../client/client.js'; import { map } from 'rxjs'; export type A = [Client, typeof map];",
      'src/transport/tcp.ts': "import { connect } from 'node:net'; export const tcp = connect;",
      'src/broker/counters.ts': "export { code as counters } from '../errors.js';",
      'src/broker/access/hooks.ts': "export { code as hooks } from '../../errors.js';",
      'src/broker/routing/route.ts':
        "import { hooks } from '../access/hooks.js'; import { counters } from '../counters.js'; export const route = [hooks, counters];",
      'src/broker/session/session.ts': "export { route as session } from '../routing/route.js';",
      'src/broker/storage/restore.ts': "export { session as restore } from '../session/session.js';",
      'src/broker/connection/serve.ts': "export { session as serve } from '../session/session.js';",
      'src/broker/index.ts': "export * from './connection/serve.js'; export * from './storage/restore.js';",
      'src/index.ts': "export * from './operators/ack-after.js'; export * from './transport/tcp.js';",
    });
    expect(violations).toEqual([]);
    expect(ok).toBe(true);
  });

  describe('fails', () => {
    /** One tree that breaks each rule once; cruised once, for a cruise takes a second. */
    const { ok, violations } = cruise({
      'src/errors.ts': 'export const code = 1;',
      'src/client/client.ts': 'export const client = 1; export type Client = typeof client;',
      'src/topic/topic-filter.ts': "export { client } from '../client/client.js';",
      'src/topic/topic-trie.ts': "export { map } from 'rxjs';",
      'src/packet/encode.ts': "import type { Client } from '../client/client.js'; export type C = Client;",
      'src/client/renew.ts': "export { retain } from '../operators/retain.js';",
      'src/operators/retain.ts': "export { code as retain } from '../errors.js';",
      'src/session/outbox.ts': "import { sender } from './sender.js'; export const outbox = () => sender;",
      'src/session/sender.ts': "import { outbox } from './outbox.js'; export const sender = () => outbox;",
      'src/session/in-flight.ts':
        "import type { Backlog } from './backlog.js'; export interface InFlight { backlog: Backlog }",
      'src/session/backlog.ts':
        "import type { InFlight } from './in-flight.js'; export interface Backlog { in: InFlight }",
      'src/session/alone.ts': 'export const alone = 1;',
      'src/session/files.ts': "export { readFile } from 'node:fs';",
      'src/helpers/pad.ts': "export { code as pad } from '../errors.js';",
      'src/broker/index.ts': "export { client } from '../client/client.js';",
      'src/operators/publish-to.ts': "export { client } from '../client/client.js';",
      'src/operators/socket-of.ts': "import type { tcp } from '../transport/tcp.js'; export type T = typeof tcp;",
      'src/transport/tcp.ts': "export { connect as tcp } from 'node:net';",
      'src/browser.ts': "export { tcp } from './transport/tcp.js';",
      'src/packet/frames.ts': "export { parser } from 'mqtt-packet';",
      'src/index.ts': "export { parser } from './packet/frames.js';",
      'src/broker/counters.ts': "export { serve as counters } from './connection/serve.js';",
      'src/broker/options.ts': "export { client as options } from './index.js';",
      'src/broker/connection/serve.ts': "export { records as serve } from '../storage/records.js';",
      'src/broker/session/session.ts':
        "import type { serve } from '../connection/serve.js'; export type S = typeof serve;",
      'src/broker/routing/route.ts': "export { options as route } from '../options.js';",
      'src/broker/access/hooks.ts': "export { route as hooks } from '../routing/route.js';",
      'src/broker/storage/records.ts': "export { code as records } from '../../errors.js';",
      'src/broker/storage/restore.ts': "export { hooks } from '../access/hooks.js';",
      'src/broker/storage/bodies.ts':
        "import type { Queue } from './queue.js'; export interface Bodies { queue: Queue }",
      'src/broker/storage/queue.ts':
        "import type { Bodies } from './bodies.js'; export interface Queue { bodies: Bodies }",
    });

    it('with an exit code', () => {
      expect(ok).toBe(false);
    });

    it.each([
      ['an import of the client by a topic', 'topic-imports-downwards src/topic/topic-filter.ts'],
      ['a type import that goes up', 'packet-imports-downwards src/packet/encode.ts'],
      ['an import of an operator by the client', 'client-imports-downwards src/client/renew.ts'],
      ['a circle', 'no-circular-imports src/session/outbox.ts'],
      ['a circle of types', 'no-circular-imports src/session/backlog.ts'],
      ['a file that nothing imports and that imports nothing', 'no-orphans src/session/alone.ts'],
      ['a folder without a layer', 'a-file-belongs-to-a-layer src/helpers/pad.ts'],
      ['an import of the client by the broker', 'the-broker-is-no-client src/broker/index.ts'],
      ['an operator with a client inside', 'operators-know-the-client-by-type src/operators/publish-to.ts'],
      ['an operator that knows a transport', 'operators-know-no-transport src/operators/socket-of.ts'],
      ['rxjs in a pure structure', 'pure-structures-know-no-rxjs src/topic/topic-trie.ts'],
      ['a node: import in the session', 'node-modules-of-node-have-their-places src/session/files.ts'],
      ['a node: import behind the browser face', 'the-browser-face-reaches-no-node-module src/browser.ts'],
      ['mqtt-packet behind the face of Node', 'a-client-reaches-no-mqtt-packet src/index.ts'],
      [
        'a connection of the broker that knows its storage',
        'broker-connection-imports-downwards src/broker/connection/serve.ts',
      ],
      [
        'a session of the broker that knows the type of a connection',
        'broker-session-imports-downwards src/broker/session/session.ts',
      ],
      ['a route of the broker that knows its options', 'broker-routing-imports-downwards src/broker/routing/route.ts'],
      ['a hook of the broker that knows a route', 'broker-access-imports-downwards src/broker/access/hooks.ts'],
      ['a store of the broker that knows a hook', 'broker-storage-imports-downwards src/broker/storage/restore.ts'],
      [
        'a counter of the broker that knows a connection',
        'the-common-room-of-the-broker-knows-no-other src/broker/counters.ts',
      ],
      ['a circle of types in the broker', 'no-circular-imports src/broker/storage/bodies.ts'],
    ])('at %s', (_, violation) => {
      expect(violations).toContain(violation);
    });

    it('at nothing else', () => {
      expect(violations).toHaveLength(21);
    });
  });
});
