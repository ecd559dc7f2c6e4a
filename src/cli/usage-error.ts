/** The command line, the environment or a profile is invalid; the message says which part of it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
