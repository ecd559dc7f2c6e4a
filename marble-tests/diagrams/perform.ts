import { catchError, type Observable, throwError } from 'rxjs';
import { type MqttTest, mqttTest, type MqttTestOptions, type TestClientOptions } from 'rxmqtt/testing';
import type { MqttClient } from 'rxmqtt';
import { parseDiagram } from '../../src/testing/diagram.js';
import type { Diagram } from './diagram.js';

/** A diagram that begins with a connected client begins so many ms after CONNECT. */
const CONNECTED = 10;

/** How rows begin, as what a client does is told from its first attempt on. */
const before = (latency: number, connect: string) => {
  const [way, rest] = [`${2 * latency}ms`, `${CONNECTED - 1 - 2 * latency}ms`];
  return {
    sent: ['X 9ms ', { X: connect }],
    received: [`${way} Y ${rest} `, { Y: 'CONNACK' }],
    state: [`X ${2 * latency - 1}ms Y ${rest} `, { X: 'connecting 1', Y: 'connected' }],
    stream: ['10ms ', {}],
  } as const;
};

/** The real client, and what the diagram has it do. */
export interface Scene {
  readonly client?: TestClientOptions;
  readonly kit?: MqttTestOptions;
  /** What others do, which the diagram shows by the packets that come of it. */
  readonly others?: (t: MqttTest, client: MqttClient) => void;
  /** What stands in rows of deeds. */
  readonly deeds?: (t: MqttTest, client: MqttClient) => Readonly<Record<string, () => void>>;
  /** The Observables of the diagram by their labels. */
  readonly streams?: (t: MqttTest, client: MqttClient) => Readonly<Record<string, Observable<string>>>;
}

/** Plays a diagram with a real client and a broker, and claims each of its rows. */
export function perform({ begins, rows }: Diagram, scene: Scene): void {
  mqttTest((t) => {
    const client = t.connect({ clientId: 'c', ...scene.client });
    const isLater = begins === 'connected';
    const begun = before(scene.kit?.latency ?? 1, scene.client?.clean === false ? 'CONNECT v5' : 'CONNECT v5 clean');
    const start = isLater ? CONNECTED : 0;
    scene.others?.(t, client);
    const deeds = scene.deeds?.(t, client) ?? {};
    const streams = scene.streams?.(t, client) ?? {};
    for (const row of rows) {
      const { kind, label, marbles } = row;
      if (kind === 'deed') {
        for (const { frame, letter } of parseDiagram(marbles, row.values)) {
          const deed = deeds[row.values[letter] ?? ''];
          if (deed === undefined) throw new Error(`${label}: the scene does not say how to "${row.values[letter]}"`);
          t.at(start + frame, deed);
        }
        continue;
      }
      const [earlier, known] = isLater ? begun[kind] : ['', {}];
      const all = earlier + marbles;
      const values = { ...known, ...row.values };
      if (kind === 'sent') t.expectSent(client).toBe(all, values);
      else if (kind === 'received') t.expectReceived(client).toBe(all, values);
      else if (kind === 'state') t.expectState(client).toBe(all, values);
      else {
        const source = streams[label];
        if (source === undefined) throw new Error(`the scene has no Observable "${label}"`);
        const coded$ = source.pipe(catchError((error: { code: string }) => throwError(() => error.code)));
        t.expectObservable(coded$, earlier + (row.subscription ?? '')).toBe(all, values, row.values['#']);
      }
    }
  }, scene.kit);
}
