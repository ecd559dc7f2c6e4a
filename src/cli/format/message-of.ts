import { ClosedError } from 'rxmqtt';

/** What an error says, in one line. What ended the client says more than that it has ended. */
export function messageOf(error: unknown): string {
  if (error instanceof ClosedError && error.cause instanceof Error) return messageOf(error.cause);
  const { message } = error as Error;
  return message.replace(/\s*\n\s*/g, ' ');
}
