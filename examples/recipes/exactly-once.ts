import type { ClassicLevel } from 'classic-level';
import { catchError, from, ignoreElements, type Observable } from 'rxjs';
import { ackAfter, type MqttClient, type MqttMessage } from 'rxmqtt';

export interface Payment {
  /** Chosen by the payer; the same each time the payment is sent. */
  readonly id: string;
  readonly account: string;
  readonly cents: number;
}

/**
 * Books each payment exactly once, however often it is delivered and whenever this process dies: the booking and the note
 * that it was made are one write, and the message is acknowledged after that. Emits `booked` or `again`.
 */
export function bookPayments(client: MqttClient, ledger: ClassicLevel): Observable<'booked' | 'again'> {
  const book = async (message: MqttMessage): Promise<'booked' | 'again'> => {
    const { id, account, cents } = message.json<Payment>();
    if ((await ledger.get(`done/${id}`)) !== undefined) return 'again';
    const balance = Number((await ledger.get(`balance/${account}`)) ?? 0);
    await ledger.batch(
      [
        { type: 'put', key: `balance/${account}`, value: String(balance + cents) },
        { type: 'put', key: `done/${id}`, value: new Date().toISOString() },
      ],
      { sync: true },
    );
    return 'booked';
  };
  /** Keeps a message that cannot be booked, and counts it as done: otherwise it would come again and again. */
  const putAside = (message: MqttMessage, error: unknown): Observable<never> => {
    console.error(error);
    return from(ledger.put(`aside/${crypto.randomUUID()}`, message.text())).pipe(ignoreElements());
  };
  return client.subscribe('payments/+', { qos: 1, ack: 'manual' }).pipe(
    ackAfter((message) => from(book(message)).pipe(catchError((error) => putAside(message, error))), {
      concurrency: 8,
      // Payments of one account one after the other: the balance is read and written.
      key: ({ topic }) => topic,
    }),
  );
}
