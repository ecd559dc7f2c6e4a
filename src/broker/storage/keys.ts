/**
 * The keys of a broker's records, in layout 2. Records that are read at start have other prefixes than those that are
 * read when a client connects. Messages have their own, because several clients may wait for one:
 *
 *     broker/layout                  the version of the layout, and which numbers were given out
 *     broker/2/r/<topic>             a retained message                               read at start
 *     broker/2/s/<client>/m          a session                                        read at start
 *     broker/2/s/<client>/w          its will, while that waits for its delay         read at start
 *     broker/2/s/<client>/c          the client of that will, as it connected         read at start
 *     broker/2/s/<client>/f<filter>  a subscription of it                             read at start
 *     broker/2/q/<client>/r<n>-<b>   a message for it, and the number of its body     read when it connects
 *     broker/2/q/<client>/s<n>       where that message stands                        read when it connects
 *     broker/2/q/<client>/i<id>      a QoS 2 message of the client, before PUBREL     read when it connects
 *     broker/2/b/<b>/m               topic, payload and properties of a message       read when one of them connects
 *     broker/2/b/<b>/c               how many sessions are to get it, if more than 1  read when one of them connects
 *     broker/q/<key>                 a damaged record of that key, set aside
 */
export const ROOT = 'broker/';
export const LAYOUT = `${ROOT}layout`;

const CURRENT = `${ROOT}2/`;
export const RETAINED = `${CURRENT}r/`;
export const SESSIONS = `${CURRENT}s/`;
export const QUEUES = `${CURRENT}q/`;
export const BODIES = `${CURRENT}b/`;
export const ALL_RECORDS = CURRENT;

export const retainedKey = (topic: string): string => RETAINED + encodeURIComponent(topic);

/** Prefix of `m`, `w`, `c`, and `f` with a filter. */
export const sessionPrefix = (clientId: string): string => `${SESSIONS}${encodeURIComponent(clientId)}/`;

/** Prefix of `r`, `s` and `i` with numbers. */
export const queuePrefix = (clientId: string): string => `${QUEUES}${encodeURIComponent(clientId)}/`;

/** Prefix of `m` and `c`. */
export const bodyPrefix = (body: number): string => `${BODIES}${digits(body)}/`;

export const subscriptionName = (filter: string): string => `f${encodeURIComponent(filter)}`;

export const messageName = (key: number, body: number): string => `r${digits(key)}-${digits(body)}`;

export const stateName = (key: number): string => `s${digits(key)}`;

export const openIdName = (packetId: number): string => `i${digits(packetId)}`;

/** Where a damaged record goes. */
export const asideKey = (key: string): string => `${ROOT}q/${key.slice(ROOT.length)}`;

/** The key prefix of a block: a body and its neighbors, a hundred numbers. */
export const bodyBlock = (body: number): string => BODIES + digits(body).slice(0, -2);

/** A number whose text sorts as the number does. */
function digits(number: number): string {
  return String(number).padStart(15, '0');
}
