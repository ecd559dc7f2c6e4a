import type { PublishPacket } from '../packet/publish-packet.js';
import { BoundedCache } from '../topic/bounded-cache.js';
import type { Route, Routes as Numbered } from './routes.js';

/** Takes the place of the table of routes in browsers, where topics have no numbers. */
export class Routes implements Pick<Numbered, 'handlerOf' | 'get' | 'set' | 'clear'> {
  private readonly routes = new BoundedCache<string, Route>(1024);

  reserve(): void {
    // The bound is what it is.
  }

  foresee(): void {
    // Nothing is foreseen.
  }

  straighten(): void {
    // A function has no place of its own here.
  }

  handlerOf(): undefined {
    return undefined;
  }

  get({ topic }: PublishPacket): Route | undefined {
    return this.routes.get(topic);
  }

  set({ topic }: PublishPacket, route: Route): void {
    this.routes.set(topic, route);
  }

  clear(): void {
    this.routes.clear();
  }
}
