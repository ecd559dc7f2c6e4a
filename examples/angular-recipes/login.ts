import { type EnvironmentProviders, inject, Injectable, signal } from '@angular/core';
import { type BrokerOptions, mqttSignal, type MqttSignal, provideMqtt } from 'rxmqtt/angular';

export interface User {
  readonly name: string;
  readonly token: string;
}

/** The user who is logged in, if any. */
@Injectable({ providedIn: 'root' })
export class Session {
  readonly user = signal<User | undefined>(undefined);
}

/** A lazy client: it connects with its first subscription, using the current token, and disconnects with its last. */
export function provideMqttOfUser(options: BrokerOptions): EnvironmentProviders {
  return provideMqtt(() => {
    const { user } = inject(Session);
    return {
      linger: 0,
      ...options,
      lazy: true,
      beforeConnect: () => ({ username: user()?.name ?? '', password: user()?.token ?? '' }),
    };
  });
}

/** Orders of the user; nothing is subscribed while there is none. */
export function orderSignal(): MqttSignal<string | undefined> {
  const { user } = inject(Session);
  const filter = (): string | undefined => {
    const name = user()?.name;
    return name === undefined ? undefined : `orders/${name}`;
  };
  return mqttSignal(filter, { map: (message) => message.text() });
}
