/** Reads the stacks of errors: which lines are the test's own, and which belong to RxJS, to this package, to the kit. */

const isFrame = (line: string): boolean => /^\s+at /.test(line);

const framesOf = (stack: string): string[] => stack.split('\n').filter(isFrame);

/** The file that a frame names. */
const fileOf = (frame: string): string => /(?:file:\/\/)?(\/[^():]*|[A-Za-z]:[^():]*)/.exec(frame)?.[1] ?? '';

/** This file: in the package it is a part of the kit's. */
const HERE = fileOf(framesOf(new Error().stack ?? '')[0] ?? '');

const NOWHERE = '\u0000';

/** The folder of the kit, or its file. */
const KIT = /^.*\/src\/testing\//.exec(HERE)?.[0] ?? (HERE || NOWHERE);

/** The folder of this package's code. */
const PACKAGE = /^.*\/(?:src|dist)\//.exec(HERE)?.[0] ?? NOWHERE;

const isRxjs = (frame: string): boolean => /[\\/]rxjs[\\/]/.test(frame);
/** Its clock is a TestScheduler. */
const isKit = (frame: string): boolean =>
  frame.includes(KIT) || (isRxjs(frame) && /TestScheduler|VirtualTimeScheduler|VirtualAction/.test(frame));
const isForeign = (frame: string): boolean =>
  /[\\/]node_modules[\\/]|node:internal|\(node:/.test(frame) || frame.includes(PACKAGE);

/** Frames that let time pass are not part of what happens then. */
function cause(stack: string): string[] {
  const frames = framesOf(stack);
  const end = frames.findIndex((frame) => isKit(frame) && /\bexecute\b/.test(frame));
  return end < 0 ? frames : frames.slice(0, end);
}

/** `at file:line:column` of the test, else of this package; undefined when the stack has neither. */
export function placeOf(stack = ''): string | undefined {
  const frames = cause(stack);
  const frame = frames.find((one) => !isForeign(one)) ?? frames.find((one) => !isRxjs(one) && !isKit(one));
  return frame?.trim().replace(/^at .*\((.*)\)$/, 'at $1');
}

/** Whether this package itself, and not the test, set the timer. */
export function isInternal(stack = ''): boolean {
  const frame = cause(stack).find((one) => !isRxjs(one) && !isKit(one));
  return frame?.includes(PACKAGE) ?? false;
}

/** The error without the frames of the kit. */
export function withoutKit(error: Error): Error {
  const lines = (error.stack ?? '').split('\n').filter((line) => !(isFrame(line) && isKit(line)));
  // Some errors do not let their stack be set; they keep it.
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
