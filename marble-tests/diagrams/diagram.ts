/** What a row of a diagram shows: what the application does, packets either way, states, or the values of an Observable. */
export type RowKind = 'deed' | 'sent' | 'received' | 'state' | 'stream';

/** One line of a diagram. */
export interface Row {
  readonly kind: RowKind;
  readonly label: string;
  readonly marbles: string;
  /** What each letter stands for: packets and states in the words of the testing kit. */
  readonly values: Readonly<Record<string, string>>;
  /** Of an Observable: when it is subscribed to, and when it is left. */
  readonly subscription?: string;
}

/** A picture of what a client does. Marble tests claim the strings that it is drawn from. */
export interface Diagram {
  readonly title: string;
  /** Whether the client has been connected for a while, or the first row begins with its first attempt. */
  readonly begins: 'connected' | 'unconnected';
  readonly rows: readonly Row[];
}

type Values = Row['values'];

export const deeds = (label: string, marbles: string, values: Values): Row => ({
  kind: 'deed',
  label,
  marbles,
  values,
});

export const sent = (marbles: string, values: Values): Row => ({
  kind: 'sent',
  label: 'client sends',
  marbles,
  values,
});

export const received = (marbles: string, values: Values): Row => ({
  kind: 'received',
  label: 'broker sends',
  marbles,
  values,
});

export const state = (marbles: string, values: Values): Row => ({ kind: 'state', label: 'state$', marbles, values });

/** @param subscription - in marbles of its own: `^` when the Observable is subscribed to, `!` when it is left. */
export const stream = (label: string, subscription: string, marbles: string, values: Values): Row => ({
  kind: 'stream',
  label,
  marbles,
  values,
  subscription,
});
