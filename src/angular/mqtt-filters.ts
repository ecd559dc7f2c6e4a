import { computed, type Signal } from '@angular/core';
import { ErrorCode, type FilterRecord, MqttError } from 'rxmqtt';

/** A topic filter, several, or a record of filters with options of their own. Undefined, or none: not subscribed. */
export type MqttFilters = string | readonly string[] | FilterRecord | undefined;

/** Topic filters, or a function that returns them and may read signals and inputs. A signal is such a function. */
export type MqttFilterSource = MqttFilters | (() => MqttFilters);

/** The filters that are wanted now, or why they are not known. */
export interface WantedFilters {
  readonly filters: MqttFilters;
  readonly error?: MqttError;
}

/** The current filters of a source. The signal changes when the filters differ, not when an equal list is new. */
export function wantedFilters(source: MqttFilterSource): Signal<WantedFilters> {
  return computed(() => evaluate(source), {
    equal: (a, b) => a.error === b.error && JSON.stringify(a.filters) === JSON.stringify(b.filters),
  });
}

function evaluate(source: MqttFilterSource): WantedFilters {
  try {
    const filters = typeof source === 'function' ? source() : source;
    return { filters: isNone(filters) ? undefined : filters };
  } catch (cause) {
    // The error belongs to this signal alone, and must not stop a template from rendering.
    const error = new MqttError('the function that returns the topic filters threw; see the cause', {
      code: ErrorCode.INVALID_FILTER,
      cause,
    });
    return { filters: undefined, error };
  }
}

const isNone = (filters: MqttFilters): boolean => typeof filters === 'object' && Object.keys(filters).length === 0;
