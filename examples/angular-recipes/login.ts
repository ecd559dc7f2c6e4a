import { type EnvironmentProviders, inject, Injectable, signal } from '@angular/core';
import { type BrokerOptions, mqttSignal, type MqttSignal, provideMqtt } from 'rxmqtt/angular';

export interface User {
  readonly name: string;
  readonly token: string;
}

/** Who is logged in; nobody at first. */
@Injectable({ providedIn: 'root' })
export class Session {
  readonly user = signal<User | undefined>(undefined);
}

/** Lazy: it connects when somebody subscribes, with the token of that moment, and leaves when nobody does. */
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
