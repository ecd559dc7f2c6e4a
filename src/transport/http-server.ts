/** A server of `node:http` or `node:https`, of which only the events are used. */
export interface HttpServerLike {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  emit: (event: string, ...args: unknown[]) => boolean;
  listenerCount(event: string): number;
  address(): unknown;
}

/** Applications of Express and Koa have events as well, but only the server knows its address. */
export function isHttpServer(what: unknown): what is HttpServerLike {
  if (typeof what !== 'object' || what === null) return false;
  return ['on', 'off', 'emit', 'listenerCount', 'address'].every(
    (name) => typeof (what as Record<string, unknown>)[name] === 'function',
  );
}
