import {
  DestroyRef,
  EnvironmentInjector,
  inject,
  type InjectionToken,
  NgZone,
  PLATFORM_ID,
  runInInjectionContext,
} from '@angular/core';
import { connect, type ClientOptions, type MqttClient } from 'rxmqtt';
import { SilentClient } from './silent-client.js';
import { ZonedClient } from './zoned-client.js';

/** A client of the application, or the options to make one. */
type Source = ClientOptions | { readonly client: MqttClient };
type NamedSource = Source & { readonly name?: string };
type Config = NamedSource | (() => NamedSource);

const DEFAULT_NAME = 'default';

/** The clients of one environment by name; falls back to the enclosing environments. */
export class MqttClients {
  private readonly injector = inject(EnvironmentInjector);
  private readonly zone = inject(NgZone);
  private readonly isServer = inject(PLATFORM_ID) === 'server';
  private readonly clients = new Map<string, MqttClient>();
  /** The clients made here, not by the application; they end with the environment. */
  private readonly own: MqttClient[] = [];
  private readonly configs: readonly Config[];
  private readonly outer: MqttClients | null;
  private named: Map<string, Source> | undefined;

  constructor(configs: InjectionToken<readonly Config[]>, clients: InjectionToken<MqttClients>) {
    this.configs = inject(configs);
    this.outer = inject(clients, { skipSelf: true, optional: true });
    inject(DestroyRef).onDestroy(() => {
      for (const client of this.own) void client.end();
    });
  }

  /** @throws Error when no broker has that name. */
  get(name = DEFAULT_NAME): MqttClient {
    const found = this.find(name);
    if (found !== undefined) return found;
    const example = name === DEFAULT_NAME ? "{ url: '...' }" : `{ name: '${name}', url: '...' }`;
    throw new Error(`injectMqtt failed: no broker "${name}" is provided; add provideMqtt(${example}) to the providers`);
  }

  private find(name: string): MqttClient | undefined {
    const known = this.clients.get(name);
    if (known !== undefined) return known;
    const client = this.make(name);
    if (client === undefined) return this.outer?.find(name);
    this.clients.set(name, client);
    return client;
  }

  private make(name: string): MqttClient | undefined {
    // A function may rely on the browser, so it must not run on a server.
    if (this.isServer) return this.ended(new SilentClient());
    const source = this.sources().get(name);
    if (source === undefined) return undefined;
    const client = 'client' in source ? source.client : this.ended(this.zone.runOutsideAngular(() => connect(source)));
    // Without zone.js, Angular injects a stand-in that is not an NgZone.
    return this.zone instanceof NgZone ? new ZonedClient(client, this.zone) : client;
  }

  private ended(client: MqttClient): MqttClient {
    this.own.push(client);
    return client;
  }

  private sources(): ReadonlyMap<string, Source> {
    if (this.named !== undefined) return this.named;
    const named = new Map<string, Source>();
    for (const config of this.configs) {
      const { name = DEFAULT_NAME, ...source } =
        typeof config === 'function' ? runInInjectionContext(this.injector, config) : config;
      if (named.has(name)) throw new Error(`provideMqtt failed: two brokers have the name "${name}"; rename one`);
      if ('client' in source && Object.keys(source).length > 1) {
        throw new Error(`provideMqtt failed: the broker "${name}" has a client and options; give one of them`);
      }
      named.set(name, source);
    }
    this.named = named;
    return named;
  }
}
