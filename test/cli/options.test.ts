import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands/all.js';
import { clientOptionsOf } from '../../src/cli/options/client-options.js';
import { CONNECTION } from '../../src/cli/options/connection-options.js';
import { readCommandLine, valuesOf, variableOf } from '../../src/cli/options/sources.js';
import { command, quietTerminal, type Surroundings } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-options-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** The options of connect() that a command line stands for. */
function connecting(args: readonly string[], environment = {}, given: Surroundings = {}) {
  const values = valuesOf(CONNECTION, readCommandLine(args, CONNECTION), { environment });
  return clientOptionsOf(values, quietTerminal({ environment, ...given }));
}

describe('the connection options', () => {
  it('are mqtt://localhost without any', async () => {
    expect(await connecting([])).toEqual({
      url: 'mqtt://localhost',
      protocolVersion: 'auto',
      keepalive: 60,
      connectTimeout: 10_000,
      log: false,
      offline: { maxMessages: Infinity, maxBytes: Infinity },
      properties: { maximumPacketSize: 268_435_460 },
    });
  });

  it('stand for TLS, proxy, version, session and headers', async () => {
    const tls = ['--ca', 'ca.pem', '--cert', 'c.pem', '--key', 'k.pem', '--insecure', '--servername', 'broker'];
    const more = ['--alpn', 'mqtt', '--alpn', 'x', '--proxy', 'socks5://p:1', '--header', 'Authorization: Bearer a:b'];
    const rest = ['-L', 'wss://h/mqtt', '-i', 'me', '-k', '5', '-V', '3.1.1', '--session-expiry', '2m'];
    expect(await connecting([...tls, ...more, ...rest])).toEqual({
      url: 'wss://h/mqtt',
      protocolVersion: 4,
      keepalive: 5,
      connectTimeout: 10_000,
      log: false,
      offline: { maxMessages: Infinity, maxBytes: Infinity },
      properties: { maximumPacketSize: 268_435_460 },
      clientId: 'me',
      clean: false,
      sessionExpiry: 120,
      tls: {
        caFile: 'ca.pem',
        certFile: 'c.pem',
        keyFile: 'k.pem',
        rejectUnauthorized: false,
        servername: 'broker',
        ALPNProtocols: ['mqtt', 'x'],
      },
      proxy: 'socks5://p:1',
      ws: { headers: { Authorization: 'Bearer a:b' } },
    });
  });

  it.each(['no colon', ': value', 'X Y: secret', '(X): secret'])(
    'refuse a header that HTTP does not allow, and do not show it: %s',
    async (given) => {
      const { code, err } = command(['sub', 'a', '--header', given]);
      expect(await code).toBe(2);
      expect(err).toEqual(["rxmqtt sub: option '--header' is not NAME:VALUE; see rxmqtt sub --help"]);
    },
  );

  it('stand for a will', async () => {
    const will = ['--will-topic', 'gone', '--will-payload', 'me', '--will-qos', '1', '--will-retain'];
    expect(await connecting(will)).toMatchObject({ will: { topic: 'gone', payload: 'me', qos: 1, retain: true } });
    await expect(connecting(['--will-retain'])).rejects.toThrow("the options '--will-...' need '--will-topic'");
  });

  it.each([
    ['broker.example', 'mqtt://broker.example'],
    ['broker.example:1884', 'mqtt://broker.example:1884'],
    ['unix:/run/mqtt.sock', 'unix:/run/mqtt.sock'],
    ['ws+unix:/run/a.sock:/mqtt', 'ws+unix:/run/a.sock:/mqtt'],
  ])('--url %s is %s', async (given, url) => {
    expect(await connecting(['--url', given])).toMatchObject({ url });
  });

  it('take the password from the file, else the environment, else the one who is asked', async () => {
    const environment = { RXMQTT_PASSWORD: 'of the environment' };
    const questions: string[] = [];
    const askSecret = (question = ''): Promise<string[]> => {
      questions.push(question);
      return Promise.resolve(['typed']);
    };
    const user = ['-u', 'hall'];
    const inFile = ['--password-file', file('secret', 'of the file\nmore')];
    expect(await connecting([...user, ...inFile], environment)).toMatchObject({ password: 'of the file' });
    expect(await connecting(user, environment)).toMatchObject({ password: 'of the environment' });
    expect(await connecting(user, {}, { askSecret })).toMatchObject({ username: 'hall', password: 'typed' });
    expect(questions).toEqual(['Password of hall (empty for none): ']);
    expect(await connecting([...user, '--no-password'], environment, { askSecret })).not.toHaveProperty('password');
    expect(await connecting(user)).not.toHaveProperty('password');
    // The user may stand in the URL; one without a user has nothing to do with the password of the environment.
    expect(await connecting(['-L', 'mqtt://hall@h'], environment)).toMatchObject({ password: 'of the environment' });
    expect(await connecting(['-L', 'mqtt://hall:its-own@h'], environment)).not.toHaveProperty('password');
    expect(await connecting([], environment)).not.toHaveProperty('password');
    expect(questions).toHaveLength(1);
  });

  it.each([
    [['--password-file', '/no/such/file'], '/no/such/file cannot be read: ENOENT'],
    [['--session-expiry', '1h'], "option '--session-expiry' needs '--client-id'"],
  ])('%j is refused', async (args, why) => {
    await expect(connecting(args)).rejects.toThrow(why);
  });

  it('are those of every command that is a client, and each of them has a help line and examples', () => {
    const clients = COMMANDS.filter(({ options }) => 'url' in options);
    expect(clients.map(({ name }) => name)).toEqual(
      'pub sub request respond wait record replay bench check clean'.split(' '),
    );
    for (const { options } of clients)
      expect(Object.keys(options)).toEqual(expect.arrayContaining(Object.keys(CONNECTION)));
  });
});

describe('the values of options', () => {
  const profiles = (text: string): string => file('profiles.json', text);
  const qosOf = async (args: readonly string[], environment: Record<string, string>): Promise<string | undefined> => {
    // Refused before anything is dialled, with the place where the value stands.
    const running = command(['pub', 'a', ...args], '', { environment });
    await running.code;
    return running.err[0]?.replace('; see rxmqtt pub --help', '').replace('rxmqtt pub: ', '');
  };

  it('come from the command line, else the environment, else the profile', async () => {
    const RXMQTT_PROFILES = profiles('{"p":{"qos":5,"retained":"no","insecure":true}}');
    const environment = { RXMQTT_PROFILES, RXMQTT_PROFILE: 'p', RXMQTT_QOS: '4' };
    expect(await qosOf(['-q', '3'], environment)).toBe("option '--qos' is not 0, 1 or 2: '3'");
    expect(await qosOf([], environment)).toBe("RXMQTT_QOS is not 0, 1 or 2: '4'");
    expect(await qosOf(['--profile', 'p'], { RXMQTT_PROFILES })).toBe("'qos' of the profile 'p' is not 0, 1 or 2: '5'");
  });

  it('the profiles stand in the folder of the configuration', async () => {
    const config = join(folder, 'config');
    mkdirSync(join(config, 'rxmqtt'), { recursive: true });
    writeFileSync(join(config, 'rxmqtt', 'profiles.json'), '{"p":{"qos":9}}');
    expect(await qosOf(['--profile', 'p'], { XDG_CONFIG_HOME: config })).toContain("the profile 'p'");
    mkdirSync(join(folder, '.config'));
    expect(await qosOf(['--profile', 'p'], { HOME: folder })).toContain(
      join(folder, '.config/rxmqtt/profiles.json') + ' cannot be used: the file cannot be read: ENOENT',
    );
  });

  it.each([
    ['nonsense', 'the file is not a JSON object'],
    ['{"q":{}}', 'there is no such object; the file has q'],
    ['{"p":{"cuont":1}}', "there is no option 'cuont'"],
    ['{"p":{"qos":{}}}', "'qos' is not a text, a number, true, false, or a list of them"],
    ['{"p":{"password":"x"}}', "it holds a 'password'; name a file that only you can read: 'password-file'"],
  ])('a profile in %s is refused', async (text, why) => {
    expect(await qosOf(['--profile', 'p'], { RXMQTT_PROFILES: profiles(text) })).toMatch(
      new RegExp(`^the profile 'p' of .*profiles.json cannot be used: ${why}$`),
    );
  });

  it('flags of the environment are true or false, lists have a line each, counts a number', () => {
    const environment = {
      RXMQTT_INSECURE: '1',
      RXMQTT_RETRY: 'no',
      RXMQTT_ALPN: 'a\nb',
      RXMQTT_VERBOSE: '2',
    };
    const values = valuesOf(CONNECTION, readCommandLine([], CONNECTION), { environment });
    expect(values).toMatchObject({ insecure: true, retry: false, alpn: ['a', 'b'], verbose: 2 });
    expect(valuesOf(CONNECTION, readCommandLine(['-vv'], CONNECTION), { environment: {} })).toMatchObject({
      verbose: 2,
    });
    expect(() => valuesOf(CONNECTION, readCommandLine([], CONNECTION), { environment: { RXMQTT_RETRY: 'x' } })).toThrow(
      "RXMQTT_RETRY is not true or false: 'x'",
    );
  });

  it('those of the broker stand apart in the environment', async () => {
    const running = command(['broker'], '', { environment: { RXMQTT_PORT: 'x', RXMQTT_BROKER_PORT: 'y' } });
    expect(await running.code).toBe(2);
    expect(running.err[0]).toContain("RXMQTT_BROKER_PORT is not a port from 0 to 65535: 'y'");
  });

  it('are read from tables whose names make no two variables and no two letters the same', () => {
    for (const { options } of COMMANDS) {
      const variables = Object.keys(options).map((name) => variableOf(name));
      expect(new Set(variables).size).toBe(variables.length);
      const letters = ['h', ...Object.values(options).flatMap(({ short }) => short ?? [])];
      expect(new Set(letters).size).toBe(letters.length);
    }
  });
});

describe('docs/cli.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/cli.md'), 'utf8');
  const clients = COMMANDS.filter(({ options }) => 'url' in options);

  it.each(clients.map(({ name }) => name))('tells every option of %s', (name) => {
    const options = Object.entries(COMMANDS.find((one) => one.name === name)?.options ?? {});
    const untold = options.filter(([option, { short }]) => {
      const names = [`--${option}`, ...(short === undefined ? [] : [`-${short}`])];
      return !names.every((one) => page.includes(`\`${one}`));
    });
    expect(untold.map(([option]) => option)).toEqual([]);
  });

  it('shows commands that exist', () => {
    const lines = [...page.matchAll(/^rxmqtt (\w+)/gm)].map(([, name = '']) => name);
    expect(lines.length).toBeGreaterThan(15);
    for (const name of lines) expect(COMMANDS.map((one) => one.name)).toContain(name);
  });
});

describe('the help', () => {
  it.each(COMMANDS.map(({ name }) => name))('of %s lists its options and has examples', async (name) => {
    const { out, code } = command([name, '--help']);
    expect(await code).toBe(0);
    const [text = ''] = out;
    expect(text).toMatch(new RegExp(`^Usage: rxmqtt ${name} .*Examples:\n {2}# .*\n {2}`, 's'));
    for (const option of Object.keys(COMMANDS.find((one) => one.name === name)?.options ?? {})) {
      expect(text).toContain(`--${option}`);
    }
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(125);
  });

  it('of rxmqtt lists the commands and the exit codes', async () => {
    const { out, code } = command(['--help']);
    expect(await code).toBe(0);
    for (const { name, about } of COMMANDS) expect(out[0]).toContain(`rxmqtt ${name}`.padEnd(22) + about);
    expect(out[0]).toContain(
      'Exit codes: 0 done, 1 error, 2 invalid command line, 3 time-out, 4 refused by the broker.',
    );
  });
});

describe('rxmqtt completion', () => {
  const script = async (shell: string): Promise<string> => {
    const profiles = file('shells.json', '{ "plant": {}, "plant-2": {}, "$(touch x)": {} }');
    const { out, code } = command(['completion', shell], '', { environment: { RXMQTT_PROFILES: profiles } });
    expect(await code).toBe(0);
    return out[0] ?? '';
  };

  it('bash completes commands, options and their values', async () => {
    const text = await script('bash');
    const complete = (...words: string[]): string[] => {
      const code = `${text}
        COMP_WORDS=(rxmqtt ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
        _rxmqtt; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', code], { cwd: folder, encoding: 'utf8' }).split('\n').filter(Boolean);
    };
    expect(complete('re')).toEqual(['request', 'respond', 'record', 'replay']);
    expect(complete('sub', '--ret')).toEqual(['--retained', '--retry']);
    expect(complete('sub', '--retained', '')).toEqual(['only', 'no']);
    expect(complete('pub', '-q', '')).toEqual(['0', '1', '2']);
    expect(complete('pub', '--profile', '')).toEqual(['plant', 'plant-2']);
    expect(complete('bench', 'e')).toEqual(['e2e']);
    expect(complete('pub', '--url', 'x')).toEqual([]);
    file('ca.pem', '');
    chmodSync(join(folder, 'ca.pem'), 0o600);
    expect(complete('pub', '--ca', 'ca')).toEqual(['ca.pem']);
  });

  it('zsh and fish name every command and option', async () => {
    const [zsh, fish] = [await script('zsh'), await script('fish')];
    expect(zsh).toMatch(/^#compdef rxmqtt\n/);
    for (const { name, options } of COMMANDS) {
      const [line = ''] = zsh.split('\n').filter((one) => one.startsWith(`    ${name}) _arguments`));
      for (const option of Object.keys(options)) {
        expect(line).toContain(`--${option}`);
        expect(fish).toContain(`'__fish_seen_subcommand_from ${name}' -l ${option} `);
      }
    }
    expect(fish).toContain("-l retained -s R -x -a 'only no' -d ");
  });

  it('another shell is refused', async () => {
    const { err, code } = command(['completion', 'tcsh']);
    expect(await code).toBe(2);
    expect(err).toEqual(['rxmqtt completion: give one of bash, zsh, fish; see rxmqtt completion --help']);
  });
});
