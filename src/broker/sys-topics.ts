import { asyncScheduler, map, mergeMap, timer, type Observable } from 'rxjs';
import { PublishPacket } from '../packet/publish-packet.js';
import { encodeUtf8 } from '../utf8.js';
import type { BrokerCounters } from './counters.js';

/** The sources of the `$SYS` topics. */
export interface SysSource {
  readonly counters: BrokerCounters;
  connectedClients(): number;
  sessions(): number;
  subscriptions(): number;
  retained(): number;
}

/** The retained messages below `$SYS/broker/`, now and after each interval (in seconds). */
export function sysTopics(source: SysSource, interval: number): Observable<PublishPacket> {
  const startedAt = asyncScheduler.now();
  return timer(0, interval * 1000).pipe(
    map(() => figures(source, Math.floor((asyncScheduler.now() - startedAt) / 1000))),
    mergeMap((all) => Object.entries(all).map(([name, figure]) => message(name, String(figure)))),
  );
}

function figures(source: SysSource, uptime: number): Record<string, string | number> {
  const { counters } = source;
  const { droppedQoS0, droppedQueueFull, droppedTotalFull, droppedTooLarge, droppedExpired } = counters;
  const dropped = droppedQoS0 + droppedQueueFull + droppedTotalFull + droppedTooLarge + droppedExpired;
  return {
    version: 'rxmqtt',
    uptime: `${uptime} seconds`,
    'clients/connected': source.connectedClients(),
    'clients/total': source.sessions(),
    'clients/disconnected': source.sessions() - source.connectedClients(),
    'clients/expired': counters.expiredSessions,
    'connections/total': counters.connections,
    'connections/refused': counters.refused,
    'subscriptions/count': source.subscriptions(),
    'retained messages/count': source.retained(),
    'messages/received': counters.published,
    'messages/sent': counters.delivered,
    'messages/dropped': dropped,
  };
}

function message(name: string, text: string): PublishPacket {
  return new PublishPacket(`$SYS/broker/${name}`, encodeUtf8(text), 0, true, false, 0, undefined);
}
