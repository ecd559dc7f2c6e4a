/** Angular 21 and later: resources have snapshots. */
import { type Resource, type ResourceSnapshot, resourceFromSnapshots, type Signal } from '@angular/core';
import { mqttResource } from 'rxmqtt/angular';

const level = mqttResource('a', { initialValue: 0, map: (message) => message.json<number>() });

export const snapshot: Signal<ResourceSnapshot<number>> = level.snapshot;
export const copy: Resource<number> = resourceFromSnapshots(() => level.snapshot());
