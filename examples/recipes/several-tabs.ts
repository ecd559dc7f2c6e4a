import { Observable } from 'rxjs';
import { connect } from 'rxmqtt';

/** A message, as it goes from tab to tab. */
export interface TabMessage {
  readonly topic: string;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** What tabs tell each other: a message, for all or for one tab; a tab that is new; a wish to publish. */
type Word =
  | { readonly is: 'message'; readonly message: TabMessage; readonly to?: string }
  | { readonly is: 'hello'; readonly from: string }
  | { readonly is: 'publish'; readonly message: TabMessage };

export interface SharedFilter {
  /** The messages of the filter, beginning with the newest of each topic. */
  readonly messages$: Observable<TabMessage>;
  publish(message: TabMessage): void;
}

/**
 * One connection for all tabs of a site: the tab that holds the lock has the client, and the others hear from it. When it is
 * closed, the next one takes over, with the same session, so that QoS 1 messages of the meantime come.
 */
export function shareAmongTabs(url: string, topicFilter: string): SharedFilter {
  const name = `mqtt ${topicFilter}`;
  const clientId = (localStorage[name] ??= `tabs-${crypto.randomUUID()}`) as string;
  const own = crypto.randomUUID();
  const channel = new BroadcastChannel(name);
  let lead: ((word: Word) => void) | undefined;
  const say = (word: Word): void => (lead === undefined ? channel.postMessage(word) : lead(word));

  const messages$ = new Observable<TabMessage>((subscriber) => {
    channel.onmessage = ({ data: word }: MessageEvent<Word>) => {
      if (word.is !== 'message') lead?.(word);
      else if (word.to === undefined || word.to === own) subscriber.next(word.message);
    };
    const leaving = new AbortController();
    const led = new Promise<void>((resolve) => leaving.signal.addEventListener('abort', () => resolve()));
    say({ is: 'hello', from: own });

    /** Holds the lock, and so leads, until this tab is closed or leaves. */
    const leading = async (): Promise<void> => {
      const client = connect(url, { clientId, clean: false, sessionExpiry: 60 });
      const newest = new Map<string, TabMessage>();
      client.subscribe(topicFilter, { qos: 1 }).subscribe({
        next: ({ topic, payload }) => {
          const message = { topic, payload: new Uint8Array(payload) };
          newest.set(topic, message);
          channel.postMessage({ is: 'message', message } satisfies Word);
          subscriber.next(message);
        },
        error: (error) => subscriber.error(error),
      });
      lead = (word) => {
        if (word.is === 'publish') client.publish(word.message.topic, word.message.payload, { qos: 1 }).subscribe();
        if (word.is !== 'hello') return;
        for (const message of newest.values())
          channel.postMessage({ is: 'message', message, to: word.from } satisfies Word);
      };
      await led;
      lead = undefined;
      await client.end();
    };
    void navigator.locks.request(name, { signal: leaving.signal }, leading).catch(() => undefined);
    return () => leaving.abort();
  });
  return { messages$, publish: (message) => say({ is: 'publish', message }) };
}
