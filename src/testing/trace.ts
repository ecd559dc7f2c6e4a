let isOff = false;

/** Timers that are set meanwhile keep no stack: packets on their way are none of the test's timers, and there are many. */
export function untraced<T>(action: () => T): T {
  const before = isOff;
  isOff = true;
  try {
    return action();
  } finally {
    isOff = before;
  }
}

/** The stack, as far as operators stand between a timer and the line of the test; test frameworks ask for much more. */
export function trace(): Error | undefined {
  if (isOff) return undefined;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 40;
  const error = new Error('scheduled here');
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
