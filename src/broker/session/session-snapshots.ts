import type { Session } from './session.js';
import type { SessionInfo, SessionSubscription } from './session-info.js';

/** The last picture of a session, and the revision of its subscriptions then. */
interface Shown {
  readonly session: Session;
  readonly info: SessionInfo;
  readonly revision: number;
}

/**
 * Takes pictures of all sessions. Unchanged parts are the same objects as before, and a list of subscriptions is made
 * anew only when they have changed, so that a picture costs little more than a look at each session.
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
  // Another one may have taken its identifier.
  const last = before?.session === session ? before : undefined;
  const hasSameFilters = last?.revision === revision;
  if (
    last !== undefined &&
    hasSameFilters &&
    last.info.connected === connected &&
    last.info.queuedMessages === backlog &&
    last.info.queuedBytes === backlogBytes &&
    last.info.expiryInterval === expiryInterval &&
    last.info.expiresAt === expiresAt &&
    last.info.principal === owner
  ) {
    return last;
  }
  const info = {
    clientId,
    connected,
    principal: owner,
    mountPoint,
    subscriptions: hasSameFilters ? last.info.subscriptions : listOf(session),
    queuedMessages: backlog,
    queuedBytes: backlogBytes,
    expiryInterval,
    expiresAt,
  };
  return { session, info, revision };
}

function listOf({ subscriptions }: Session): readonly SessionSubscription[] {
  return [...subscriptions.values()].map(({ filter, qos }) => ({ filter, qos }));
}
