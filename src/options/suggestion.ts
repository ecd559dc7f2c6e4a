/** Names of MQTT.js, with the option that replaces each. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  reconnectPeriod: 'reconnect.minDelay',
  queueQoSZero: 'offline.qos0',
  transformWsUrl: 'beforeConnect',
  protocolId: 'protocolVersion',
  protocol: 'url',
  hostname: 'url',
  host: 'url',
  port: 'url',
  path: 'url',
  manualConnect: 'lazy',
  reconnectOnConnackError: 'isFatal',
  nl: 'noLocal',
  rap: 'retainAsPublished',
  rh: 'retainHandling',
};

/** The known name closest to an unknown one: its replacement, a likely typo, or a word that it begins or ends with. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  const other = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
  if (known.some((one) => other?.split('.')[0] === one)) return other;
  const given = name.toLowerCase();
  const isNear = (edits: number, one: string): boolean =>
    isWithinEdits(edits, given, one) || (edits > 0 && one.length > 1 && (given.startsWith(one) || given.endsWith(one)));
  for (let edits = 0; edits <= Math.min(3, name.length / 3); edits++) {
    const near = known.find((one) => isNear(edits, one.toLowerCase()));
    if (near !== undefined) return near;
  }
  return undefined;
}

/**
 * Whether this many edits turn one text into the other: a letter added, removed or changed, or two neighbours swapped.
 */
function isWithinEdits(edits: number, one: string, other: string): boolean {
  if (one === other) return true;
  if (edits === 0) return false;
  let at = 0;
  while (at < one.length && one.charAt(at) === other.charAt(at)) at++;
  const [a, b] = [one.slice(at), other.slice(at)];
  const isWithout = (ofOne: number, ofOther: number): boolean =>
    isWithinEdits(edits - 1, a.slice(ofOne), b.slice(ofOther));
  const isSwapped = a.length > 1 && b.startsWith(a.charAt(1) + a.charAt(0));
  return isWithout(1, 0) || isWithout(0, 1) || isWithout(1, 1) || (isSwapped && isWithout(2, 2));
}
