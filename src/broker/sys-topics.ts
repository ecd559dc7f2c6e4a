import { concat, map, mergeMap, type Observable } from 'rxjs';
import { PublishPacket } from '../packet/publish-packet.js';
import { elapsed } from '../rx/clock.js';
import { safeInterval } from '../rx/safe-interval.js';
import { safeTimer } from '../rx/safe-timer.js';
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
  const startedAt = elapsed();
  return concat(safeTimer(0), safeInterval(interval * 1000)).pipe(
    map(() => figures(source, Math.floor((elapsed() - startedAt) / 1000))),
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
