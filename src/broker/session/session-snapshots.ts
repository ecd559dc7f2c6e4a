import type { Session } from './session.js';
import type { SessionInfo, SessionSubscription } from './session-info.js';

/** What was shown of a session, and the state of its subscriptions then. */
interface Shown {
  readonly info: SessionInfo;
  readonly revision: number;
}

/**
 * Pictures of all sessions, one after the other. What has not changed is the same object as before, and lists of
 * subscriptions are made anew for the sessions whose subscriptions have changed, so that a picture costs little more than a
 * look at each session.
 */
export class SessionSnapshots {
  private shown: ReadonlyMap<string, Shown> = new Map();
  private picture: ReadonlyMap<string, SessionInfo> = new Map();

  /** @param expiryOf - when a session without a connection expires, in ms since 1970. */
  take(
    sessions: Iterable<Session>,
    expiryOf: (session: Session) => number | undefined,
  ): ReadonlyMap<string, SessionInfo> {
    const shown = new Map<string, Shown>();
    const picture = new Map<string, SessionInfo>();
    let changed = false;
    for (const session of sessions) {
      const { clientId } = session;
      const before = this.shown.get(clientId);
      const now = show(session, before, expiryOf(session));
      if (now !== before) changed = true;
      shown.set(clientId, now);
      picture.set(clientId, now.info);
    }
    if (!changed && shown.size === this.shown.size) return this.picture;
    this.shown = shown;
    this.picture = picture;
    return picture;
  }
}

function show(session: Session, before: Shown | undefined, expiresAt: number | undefined): Shown {
  const { backlog, backlogBytes, clientId, connected, expiryInterval, mountPoint, owner, revision } = session;
  const last = before?.info;
  const isSame =
    last !== undefined &&
    before?.revision === revision &&
    last.connected === connected &&
    last.queuedMessages === backlog &&
    last.queuedBytes === backlogBytes &&
    last.expiryInterval === expiryInterval &&
    last.expiresAt === expiresAt &&
    last.mountPoint === mountPoint &&
    last.principal === owner;
  if (isSame) return before as Shown;
  const subscriptions = before?.revision === revision ? (last as SessionInfo).subscriptions : listOf(session);
  const queue = { queuedMessages: backlog, queuedBytes: backlogBytes };
  const info = {
    clientId,
    connected,
    principal: owner,
    mountPoint,
    subscriptions,
    ...queue,
    expiryInterval,
    expiresAt,
  };
  return { info, revision };
}

function listOf({ subscriptions }: Session): readonly SessionSubscription[] {
  return [...subscriptions.values()].map(({ filter, qos }) => ({ filter, qos }));
}
