'use client';
import type { ReactElement } from 'react';
import { connect } from 'rxmqtt';
import { Hall } from '../react/hall.js';

// The server renders this component, too, and opens nothing: `lazy` waits for the first subscription, which an effect makes.
const client = connect({ url: process.env.NEXT_PUBLIC_MQTT_URL ?? 'ws://localhost:8083/mqtt', lazy: true });

export function LiveHall({ id }: { readonly id: string }): ReactElement {
  return <Hall client={client} id={id} />;
}
