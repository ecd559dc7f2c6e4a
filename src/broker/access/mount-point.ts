import type { PublishProperties } from '../../packet/property-types.js';
import { matchingStart } from '../../topic/topic-filter.js';
import { topicNameProblem } from '../../topic/topic-name.js';

/**
 * The part of the topic tree that a client lives in: a prefix of whole levels that ends in `/`, or nothing. A client
 * without one lives in the whole tree.
 */
export type MountPoint = string;

export const NO_MOUNT_POINT: MountPoint = '';

/** The broker's own topics stand outside of all mount points. */
const SYS = '$SYS/';

/**
 * The mount point that an application names, with its last slash.
 * @throws TypeError for what is no topic name, and for what begins with `$`.
 */
export function mountPointOf(value: unknown): MountPoint {
  const problem = topicNameProblem(value);
  if (problem !== undefined) throw new TypeError(`its mountPoint ${problem}; give a topic such as "tenants/7"`);
  const name = value as string;
  if (name.startsWith('$')) throw new TypeError('its mountPoint begins with "$"; give a topic such as "tenants/7"');
  return name.endsWith('/') ? name : `${name}/`;
}

/** The broker's name of a client's topic, or of a filter without its share. */
export function mounted(mountPoint: MountPoint, name: string): string {
  return mountPoint === NO_MOUNT_POINT || name.startsWith(SYS) ? name : mountPoint + name;
}

/** The broker's name of a client's filter, shared or not: the share stays in front. */
export function mountedFilter(mountPoint: MountPoint, filter: string): string {
  if (mountPoint === NO_MOUNT_POINT) return filter;
  const start = matchingStart(filter);
  return filter.slice(0, start) + mounted(mountPoint, filter.slice(start));
}

/** The properties of a message with the broker's name of the response topic, which is a topic of the client, too. */
export function mountedProperties<P extends PublishProperties>(mountPoint: MountPoint, properties: P): P {
  const { responseTopic } = properties;
  return responseTopic === undefined
    ? properties
    : { ...properties, responseTopic: mounted(mountPoint, responseTopic) };
}

/** The properties of a message as its client sees them: without a response topic that it cannot reach. */
export function unmountedProperties(mountPoint: MountPoint, properties: PublishProperties): PublishProperties {
  const { responseTopic, ...rest } = properties;
  if (responseTopic === undefined) return properties;
  const seen = unmounted(mountPoint, responseTopic);
  return seen === undefined ? rest : { ...properties, responseTopic: seen };
}

/** The client's name of the broker's topic; undefined when the client cannot see it. */
export function unmounted(mountPoint: MountPoint, topic: string): string | undefined {
  if (mountPoint === NO_MOUNT_POINT || topic.startsWith(SYS)) return topic;
  return isBelow(mountPoint, topic) ? topic.slice(mountPoint.length) : undefined;
}

/** Whether a topic, or a filter without its share, lies below the mount point; `$SYS` does not. */
export function isBelow(mountPoint: MountPoint, name: string): boolean {
  return name.length > mountPoint.length && name.startsWith(mountPoint);
}

/** Whether a filter without its share asks for topics of the broker. */
export function isOfBroker(filter: string): boolean {
  return filter.startsWith(SYS);
}

/**
 * Whether a topic that matches a filter is nevertheless not for its client: below the mount point, too, a leading
 * wildcard matches no topic that begins with `$` [MQTT-4.7.2-1].
 */
export function isHidden(mountPoint: MountPoint, filter: string, topic: string): boolean {
  const first = mountPoint.length;
  if (first === 0 || topic[first] !== '$' || !isBelow(mountPoint, filter)) return false;
  return filter[first] === '#' || filter[first] === '+';
}
