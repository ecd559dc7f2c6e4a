/** The error for a file that cannot be read. */
export function readFailure(file: string, cause: unknown): Error {
  return new Error(`${file} cannot be read: ${systemCode(cause)}`, { cause });
}

/** The code of a system error: `ENOENT`. */
export function systemCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
