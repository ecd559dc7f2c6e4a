import { isOfBroker, type MountPoint, NO_MOUNT_POINT } from './mount-point.js';

/** Where a bridge of Mosquitto says whether it is connected, also in its will. */
const BRIDGE_STATE = /^\$SYS\/broker\/connection\/[^/]+\/state$/;

/**
 * Only the broker publishes to `$SYS`; the state of a bridge is its own to tell, unless it lives below a mount point.
 */
export function isReserved(topic: string, mountPoint: MountPoint): boolean {
  if (topic !== '$SYS' && !isOfBroker(topic)) return false;
  return mountPoint !== NO_MOUNT_POINT || !BRIDGE_STATE.test(topic);
}
