import { ProtocolError } from '../../errors.js';
import type { WillPacket } from '../../packet/packets.js';
import type { PublishPacket } from '../../packet/publish-packet.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { textProblem } from '../../topic/text-problem.js';
import { type MountPoint, mounted, mountedProperties, NO_MOUNT_POINT } from '../access/mount-point.js';

/**
 * Gives a message of a client the broker's names.
 * @throws ProtocolError for a topic that is too long with the mount point in front.
 */
export function mountMessage(message: PublishPacket, mountPoint: MountPoint): void {
  message.topic = checked(mounted(mountPoint, message.topic));
  if (message.properties?.responseTopic === undefined) return;
  message.properties = mountedProperties(mountPoint, message.properties);
  checked(message.properties.responseTopic as string);
}

/** The will with the broker's names. @throws ProtocolError as {@link mountMessage}. */
export function mountedWill(will: WillPacket | undefined, mountPoint: MountPoint): WillPacket | undefined {
  if (will === undefined || mountPoint === NO_MOUNT_POINT) return will;
  const properties = will.properties && mountedProperties(mountPoint, will.properties);
  if (properties?.responseTopic !== undefined) checked(properties.responseTopic);
  return { ...will, topic: checked(mounted(mountPoint, will.topic)), properties };
}

function checked(topic: string): string {
  if (textProblem(topic) === undefined) return topic;
  throw new ProtocolError('a topic is too long behind the mount point', { reasonCode: ReasonCode.TOPIC_NAME_INVALID });
}
