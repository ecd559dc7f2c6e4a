import type { ReactElement } from 'react';
import type { MqttClient, MqttMessage } from 'rxmqtt';
import { useConnectionState, useMessages } from './use-mqtt.js';

const celsius = (message: MqttMessage): number => message.json<number>();

export function Hall({ client, id }: { readonly client: MqttClient; readonly id: string }): ReactElement {
  const { status } = useConnectionState(client);
  const temperature = useMessages(client, `hall/${id}/celsius`, celsius);
  return (
    <p>
      {status}: {temperature ?? '-'} °C
    </p>
  );
}
