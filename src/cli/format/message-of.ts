import { ClosedError } from 'rxmqtt';

/** The message of an error, in one line. For an ended client, that of the failure which ended it. */
export function messageOf(error: unknown): string {
  if (error instanceof ClosedError && error.cause instanceof Error) return messageOf(error.cause);
  const { message } = error as Error;
  return message.replace(/\s*\n\s*/g, ' ');
}
