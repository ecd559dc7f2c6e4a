/** A server of `node:http` or `node:https`, of which only the events are used. */
export interface HttpServerLike {
  /** Adds a listener. */
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  /** Takes a listener away. */
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  /** Hands an event to its listeners. An upgrade that is not for MQTT goes on to the others. */
  emit: (event: string, ...args: unknown[]) => boolean;
  /** How many listeners an event has. */
  listenerCount(event: string): number;
  /** Where it listens, as `net.Server.address()` says it. */
  address(): unknown;
}

/** Applications of Express and Koa have events as well, but only the server knows its address. */
export function isHttpServer(what: unknown): what is HttpServerLike {
  if (typeof what !== 'object' || what === null) return false;
  return ['on', 'off', 'emit', 'listenerCount', 'address'].every(
    (name) => typeof (what as Record<string, unknown>)[name] === 'function',
  );
}
