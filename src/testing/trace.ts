let isOff = false;

/** Runs an action whose timers keep no stack: packets in transit are many, and not the test's timers. */
export function untraced<T>(action: () => T): T {
  const before = isOff;
  isOff = true;
  try {
    return action();
  } finally {
    isOff = before;
  }
}

/** The stack, deep enough to pass the operators between a timer and the line of the test. */
export function trace(): Error | undefined {
  if (isOff) return undefined;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 40;
  const error = new Error('scheduled here');
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
