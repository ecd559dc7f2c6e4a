import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { ConnectionState, MqttClient, MqttMessage } from 'rxmqtt';

/** What `read` makes of the newest message of a filter; undefined until there is one. Define `read` outside of the component. */
export function useMessages<T>(client: MqttClient, filter: string, read: (message: MqttMessage) => T): T | undefined {
  const [seen, setSeen] = useState<{ readonly filter: string; readonly value: T }>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    const messages = client.subscribe(filter).subscribe({
      next: (message) => setSeen({ filter, value: read(message) }),
      error: setError,
    });
    return () => messages.unsubscribe();
  }, [client, filter, read]);
  // A filter that the broker refuses reaches the error boundary.
  if (error !== undefined) throw error;
  // A value of the filter before this one never shows.
  return seen?.filter === filter ? seen.value : undefined;
}

/** What the server renders, and the page at first. */
const IDLE: ConnectionState = { status: 'idle' };

/** The state of the connection. */
export function useConnectionState(client: MqttClient): ConnectionState {
  const observe = useCallback(
    (changed: () => void) => {
      const states = client.state$.subscribe(changed);
      return () => states.unsubscribe();
    },
    [client],
  );
  return useSyncExternalStore(
    observe,
    () => client.state,
    () => IDLE,
  );
}
