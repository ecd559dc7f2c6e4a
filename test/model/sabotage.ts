import { Link } from '../../src/connection/link.js';
import { AckQueue } from '../../src/session/ack-queue.js';
import { InFlight } from '../../src/session/in-flight.js';
import { Journal } from '../../src/session/journal.js';
import { Outbox } from '../../src/session/outbox.js';
import { OutgoingPublish, Phase } from '../../src/session/outgoing-publish.js';
import { ExpiryWatch } from '../../src/session/expiry-watch.js';
import type { SessionLostPolicy } from '../../src/session/sender-options.js';
import { Sender } from '../../src/session/sender.js';

/** Any method, private ones too. */
type Method = (this: never, ...args: never[]) => unknown;
type Undo = () => void;

/** Puts another method in the place of one of a class; returns how to put it back. */
function replace(
  owner: { readonly prototype: object },
  name: string,
  make: (original: (self: unknown, ...args: unknown[]) => unknown) => (self: Fields, ...args: unknown[]) => unknown,
): Undo {
  const before = Object.getOwnPropertyDescriptor(owner.prototype, name);
  if (before === undefined) throw new Error(`there is no ${name} to sabotage; it may have been renamed`);
  const original = (before.value ?? before.get) as Method;
  const sabotaged = make((self, ...args) => Reflect.apply(original, self, args));
  const replacement = function (this: Fields, ...args: unknown[]): unknown {
    return sabotaged(this, ...args);
  };
  Object.defineProperty(
    owner.prototype,
    name,
    before.get === undefined ? { ...before, value: replacement } : { ...before, get: replacement },
  );
  return () => void Object.defineProperty(owner.prototype, name, before);
}

/** The private side of the classes that are sabotaged. */
interface Fields {
  readonly inFlight: InFlight;
  readonly outbox: Outbox;
  readonly options: { readonly openIds: Set<number>; onSessionLost: SessionLostPolicy };
  answer(qos: number, packetId: number): void;
}

interface Acknowledgement {
  readonly qos: number;
  readonly packetId: number;
}

/** Ways to break the library. Each switches itself on and returns how to switch it off. */
export const SABOTAGES: Readonly<Record<string, () => Undo>> = {
  'DUP is never set': () => replace(Link, 'publish', (publish) => (self, message) => publish(self, message, false)),
  'DUP is always set': () => replace(Link, 'publish', (publish) => (self, message) => publish(self, message, true)),
  'inbound QoS 2 identifiers are forgotten': () =>
    replace(AckQueue, 'send', (send) => (self, qos, packetId, ...rest) => {
      send(self, qos, packetId, ...rest);
      self.options.openIds.delete(packetId as number);
    }),
  'the window counter leaks open': () =>
    replace(InFlight, 'windowUsed', (used) => (self) => Math.max(0, (used(self) as number) - 1)),
  'the window counter leaks shut': () => {
    const leaked = new WeakMap<object, number>();
    const undo = replace(InFlight, 'finish', (close) => (self, message) => {
      leaked.set(self, (leaked.get(self) ?? 0) + 1);
      close(self, message);
    });
    const undoUsed = replace(
      InFlight,
      'windowUsed',
      (used) => (self) => (used(self) as number) + (leaked.get(self) ?? 0),
    );
    return () => {
      undo();
      undoUsed();
    };
  },
  'messages are acknowledged before they are delivered': () =>
    replace(AckQueue, 'begin', (begin) => (self, message) => {
      const { qos, packetId } = message as Acknowledgement;
      self.answer(qos, packetId);
      return begin(self, message);
    }),
  'packet identifiers in use are handed out again': () =>
    replace(Link, 'publish', (publish) => (self, message, dup) => {
      const { packetId } = message as OutgoingPublish;
      publish(self, { ...(message as OutgoingPublish), packetId: packetId === 0 ? 0 : (packetId % 2) + 1 }, dup);
    }),
  'the outbox is dropped with the session': () =>
    replace(Sender, 'attach', (attach) => (self, port, sessionPresent) => {
      if (sessionPresent !== true) self.outbox.drain();
      attach(self, port, sessionPresent);
    }),
  'messages are sent again out of order': () =>
    replace(Sender, 'resendNext', (next) => (self) => {
      const { resendQueue } = self.inFlight;
      const head = resendQueue.size > 1 ? resendQueue.shift() : undefined;
      if (head !== undefined) resendQueue.push(head);
      return next(self);
    }),
  'PUBLISH is sent again after PUBREC': () =>
    replace(Sender, 'attach', (attach) => (self, ...args) => {
      for (const message of self.inFlight) if (message.phase === Phase.RELEASED) message.phase = Phase.PUBLISHED;
      attach(self, ...args);
    }),
  'nothing is sent again': () =>
    replace(Sender, 'resendNext', (next) => (self) => {
      self.inFlight.resendQueue.drain();
      return next(self);
    }),
  'a message that was in flight in a lost session is published anew at QoS 2': () =>
    replace(Sender, 'loseSession', (lose) => (self) => {
      self.options.onSessionLost = 'republish';
      lose(self);
    }),
  'steps show on the wire before they are stored': () =>
    replace(Journal, 'whenDurable', () => (_self, listener) => (listener as () => void)()),
  'the outbox has no bound': () => replace(Outbox, 'hasRoomFor', () => () => true),
  'a publish is acknowledged and its observer is not told': () =>
    replace(OutgoingPublish, 'succeed', (succeed) => (self, ...args) => {
      (self as unknown as OutgoingPublish).observer = undefined;
      succeed(self, ...args);
    }),
  'a timer survives the end': () => replace(ExpiryWatch, 'close', () => () => undefined),
};
