import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '../read-failure.js';
import { UsageError } from '../usage-error.js';

/** Options stored under a name. */
export interface Profile {
  readonly name: string;
  readonly options: ReadonlyMap<string, readonly string[]>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `RXMQTT_PROFILES`, else `rxmqtt/profiles.json` in the folder of the user's configuration. */
function profilesFile(environment: Environment): string {
  const { RXMQTT_PROFILES: file, XDG_CONFIG_HOME: folder, HOME: home = homedir() } = environment;
  if (file !== undefined && file !== '') return file;
  return join(folder === undefined || folder === '' ? join(home, '.config') : folder, 'rxmqtt', 'profiles.json');
}

/**
 * A profile of the user's file: `{ "plant": { "url": "mqtts://broker.plant", "ca": "/etc/plant.pem" } }`. The keys are
 * the names of options. It may contain options of other commands.
 *
 * @param known - the names of all options of all commands.
 * @throws UsageError (rejects) when the file cannot be read, or does not hold the profile.
 */
export async function readProfile(
  name: string,
  environment: Environment,
  known: ReadonlySet<string>,
): Promise<Profile> {
  const file = profilesFile(environment);
  const wrong = (why: string): UsageError => new UsageError(`the profile '${name}' of ${file} cannot be used: ${why}`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw wrong(`the file cannot be read: ${systemCode(error)}`);
  });
  const profiles = parsed(text);
  if (profiles === undefined) throw wrong('the file is not a JSON object');
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (!isRecord(profile)) {
    throw wrong(`there is no such object; the file has ${Object.keys(profiles).join(', ') || 'none'}`);
  }
  const options = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(profile)) {
    if (key === 'password') throw wrong("it holds a 'password'; name a file that only you can read: 'password-file'");
    if (!known.has(key) || key === 'profile') throw wrong(`there is no option '${key}'`);
    const all = [value].flat();
    if (!all.every((one) => ['string', 'number', 'boolean'].includes(typeof one))) {
      throw wrong(`'${key}' is not a text, a number, true, false, or a list of them`);
    }
    options.set(key, all.map(String));
  }
  return { name, options };
}

/** The names of the user's profiles; none when there is no such file. */
export async function profileNames(environment: Environment): Promise<readonly string[]> {
  const text = await readFile(profilesFile(environment), 'utf8').catch(() => '{}');
  return Object.keys(parsed(text) ?? {});
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isRecord(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
