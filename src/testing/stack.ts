/** Reads the stacks of errors, to tell the frames of the test from those of RxJS, this package and the kit. */

const isFrame = (line: string): boolean => /^\s+at /.test(line);

const framesOf = (stack: string): string[] => stack.split('\n').filter(isFrame);

/** The file that a frame names. */
const fileOf = (frame: string): string => /(?:file:\/\/)?(\/[^():]*|[A-Za-z]:[^():]*)/.exec(frame)?.[1] ?? '';

/** This file, or the bundle that holds it. */
const HERE = fileOf(framesOf(new Error().stack ?? '')[0] ?? '');

const NO_MATCH = '\u0000';

/** The folder of the kit, or its bundle. */
const KIT = /^.*\/src\/testing\//.exec(HERE)?.[0] ?? (HERE || NO_MATCH);

/** The folder of this package's code. */
const PACKAGE = /^.*\/(?:src|dist)\//.exec(HERE)?.[0] ?? NO_MATCH;

const isRxjs = (frame: string): boolean => /[\\/]rxjs[\\/]/.test(frame);
/** The kit's clock is a TestScheduler. */
const isKit = (frame: string): boolean =>
  frame.includes(KIT) || (isRxjs(frame) && /TestScheduler|VirtualTimeScheduler|VirtualAction/.test(frame));
const isForeign = (frame: string): boolean =>
  /[\\/]node_modules[\\/]|node:internal|\(node:/.test(frame) || frame.includes(PACKAGE);

/** Drops the frames that let time pass, which did not cause the work. */
function cause(stack: string): string[] {
  const frames = framesOf(stack);
  const end = frames.findIndex((frame) => isKit(frame) && /\bexecute\b/.test(frame));
  return end < 0 ? frames : frames.slice(0, end);
}

/** `at file:line:column` in the test, else in this package; undefined if the stack has neither. */
export function placeOf(stack = ''): string | undefined {
  const frames = cause(stack);
  const frame = frames.find((one) => !isForeign(one)) ?? frames.find((one) => !isRxjs(one) && !isKit(one));
  return frame?.trim().replace(/^at .*\((.*)\)$/, 'at $1');
}

/** Whether this package set the timer, not the test. */
export function isInternal(stack = ''): boolean {
  const frame = cause(stack).find((one) => !isRxjs(one) && !isKit(one));
  return frame?.includes(PACKAGE) ?? false;
}

/** The error without the frames of the kit. */
export function withoutKit(error: Error): Error {
  const lines = (error.stack ?? '').split('\n').filter((line) => !(isFrame(line) && isKit(line)));
  // Some errors have a read-only stack.
  if (lines.some(isFrame)) Reflect.set(error, 'stack', lines.join('\n'));
  return error;
}

/** The error with another message, in its stack as well. */
export function withMessage(error: Error, message: string): Error {
  const frames = framesOf(error.stack ?? '');
  error.message = message;
  error.stack = [`${error.name}: ${message}`, ...frames].join('\n');
  return withoutKit(error);
}
