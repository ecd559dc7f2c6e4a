import { defineComponent, h } from 'vue';
import type { MqttClient, MqttMessage } from 'rxmqtt';
import { useConnectionState, useMessages } from './use-mqtt.js';

const celsius = (message: MqttMessage): number => message.json<number>();

export const Hall = defineComponent(
  (props: { readonly client: MqttClient; readonly id: string }) => {
    const state = useConnectionState(props.client);
    const temperature = useMessages(props.client, () => `hall/${props.id}/celsius`, celsius);
    return () => h('p', `${state.value.status}: ${temperature.value.value ?? '-'} °C`);
  },
  { props: ['client', 'id'] },
);
