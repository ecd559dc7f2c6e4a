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

type Config = NamedOptions | (() => NamedOptions);
type NamedOptions = ClientOptions & { readonly name?: string };

const DEFAULT_NAME = 'default';

/** The clients of one environment by name; falls back to the enclosing environments. */
export class MqttClients {
  private readonly injector = inject(EnvironmentInjector);
  private readonly zone = inject(NgZone);
  private readonly isServer = inject(PLATFORM_ID) === 'server';
  private readonly clients = new Map<string, MqttClient>();
  private readonly configs: readonly Config[];
  private readonly outer: MqttClients | null;
  private named: Map<string, ClientOptions> | undefined;

  constructor(configs: InjectionToken<readonly Config[]>, clients: InjectionToken<MqttClients>) {
    this.configs = inject(configs);
    this.outer = inject(clients, { skipSelf: true, optional: true });
    inject(DestroyRef).onDestroy(() => {
      for (const client of this.clients.values()) void client.end();
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
    // A function may rely on the browser; on a server it must not even run.
    if (this.isServer) return new SilentClient();
    const options = this.options().get(name);
    if (options === undefined) return undefined;
    const client = this.zone.runOutsideAngular(() => connect(options));
    // Without zone.js, Angular injects a stand-in that is not an NgZone.
    return this.zone instanceof NgZone ? new ZonedClient(client, this.zone) : client;
  }

  private options(): ReadonlyMap<string, ClientOptions> {
    if (this.named !== undefined) return this.named;
    const named = new Map<string, ClientOptions>();
    for (const config of this.configs) {
      const given = typeof config === 'function' ? runInInjectionContext(this.injector, config) : config;
      const { name = DEFAULT_NAME, ...options } = given;
      if (named.has(name)) throw new Error(`provideMqtt failed: two brokers have the name "${name}"; rename one`);
      named.set(name, options);
    }
    this.named = named;
    return named;
  }
}
