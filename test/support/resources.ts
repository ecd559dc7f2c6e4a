/** Sockets, servers and look-ups that keep the process alive, by kind. */
function handles(): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (/TCP|TLS|Pipe|HTTP|Shutdown|Write|GetAddrInfo/.test(name)) found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}

export interface ResourceWatch {
  /**
   * Waits until what is left is what was there at the beginning, or for long enough, and returns the difference.
   * Closing takes some turns of the event loop, but no time. Ends the watch.
   */
  left(): Promise<{ readonly handles: Record<string, number>; readonly timers: number }>;
}

/** Watches the sockets, servers and timers that are made from now on. The test runner's own timers do not count. */
export function watchResources(): ResourceWatch {
  const before = handles();
  const timers = new Set<unknown>();
  const { setInterval, setTimeout, clearInterval, clearTimeout } = globalThis;
  const made = <Timer>(timer: Timer): Timer => {
    timers.add(timer);
    return timer;
  };
  const patched = {
    setInterval: (...args: Parameters<typeof setInterval>) => made(setInterval(...args)),
    setTimeout: (handler: () => void, delay?: number) => {
      const timer = made(
        setTimeout(() => {
          timers.delete(timer);
          handler();
        }, delay),
      );
      return timer;
    },
    clearInterval: (timer: NodeJS.Timeout) => {
      timers.delete(timer);
      clearInterval(timer);
    },
    clearTimeout: (timer: NodeJS.Timeout) => {
      timers.delete(timer);
      clearTimeout(timer);
    },
  };
  Object.assign(globalThis, patched);

  const difference = (): Record<string, number> => {
    const after = handles();
    const kinds = new Set([...Object.keys(before), ...Object.keys(after)]);
    const changed = [...kinds].map((kind) => [kind, (after[kind] ?? 0) - (before[kind] ?? 0)] as const);
    // Fewer than before is what the test runner itself was about, such as a write to its parent.
    return Object.fromEntries(changed.filter(([, count]) => count > 0));
  };
  return {
    left: async () => {
      for (let turn = 0; turn < 2000; turn++) {
        if (timers.size === 0 && Object.keys(difference()).length === 0) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
      Object.assign(globalThis, { setInterval, setTimeout, clearInterval, clearTimeout });
      return { handles: difference(), timers: timers.size };
    },
  };
}

/** What {@link ResourceWatch.left} says when nothing was left behind. */
export const NOTHING_LEFT = { handles: {}, timers: 0 };
