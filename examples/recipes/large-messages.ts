import { filter, lastValueFrom, map, type Observable, range } from 'rxjs';
import { type MqttClient, type MqttMessage, publishTo } from 'rxmqtt';

export interface LargeMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** A payload that is being put together. */
interface Open {
  readonly payload: Uint8Array;
  /** Where its parts begin that are there. */
  readonly seen: Set<number>;
  left: number;
}

/** Bytes of a part. Other messages get through between two parts. */
const PART = 128 * 1024;
/** The largest payload that a receiver puts together, and how many at a time. */
const BOUNDS = { bytes: 64 * 1024 * 1024, messages: 4 };

/** Sends a payload in parts, four at a time. Settles once the broker has them all. */
export async function sendLarge(client: MqttClient, topic: string, payload: Uint8Array, part = PART): Promise<void> {
  const id = crypto.randomUUID();
  const toMessage = (number: number) => {
    const at = number * part;
    return {
      topic,
      payload: payload.subarray(at, at + part),
      qos: 1 as const,
      properties: {
        userProperties: [
          ['id', id],
          ['at', String(at)],
          ['bytes', String(payload.length)],
        ] as const,
      },
    };
  };
  const parts$ = range(0, Math.max(1, Math.ceil(payload.length / part)));
  await lastValueFrom(parts$.pipe(publishTo(client, toMessage, { concurrency: 4 })));
}

/** The payloads of a filter, put together. One that is too large, or never complete, makes room for what comes later. */
export function receiveLarge(client: MqttClient, topicFilter: string, bounds = BOUNDS): Observable<LargeMessage> {
  const open = new Map<string, Open>();

  /** The payload that this part completes, if any. */
  const add = ({ topic, payload: part, properties }: MqttMessage): LargeMessage | undefined => {
    const { id = '', at = '', bytes = '' } = Object.fromEntries(properties?.userProperties ?? []);
    const [begin, total] = [Number(at), Number(bytes)];
    if (!(total <= bounds.bytes && begin >= 0 && begin + part.length <= total)) return undefined;
    const one = open.get(id) ?? { payload: new Uint8Array(total), seen: new Set(), left: total };
    if (one.payload.length !== total || one.seen.has(begin)) return undefined;
    one.payload.set(part, begin);
    one.seen.add(begin);
    one.left -= part.length;
    // The one that got a part last stands last.
    open.delete(id);
    if (one.left === 0) return { topic, payload: one.payload };
    open.set(id, one);
    const [oldest] = open.keys();
    if (open.size > bounds.messages && oldest !== undefined) open.delete(oldest);
    return undefined;
  };

  return client.subscribe(topicFilter, { qos: 1 }).pipe(
    map(add),
    filter((message) => message !== undefined),
  );
}
