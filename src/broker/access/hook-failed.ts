import { ErrorCode, MqttError } from '../../errors.js';

/** A hook threw, gave no valid answer, or took too long. */
export function hookFailed(name: string, cause: unknown): MqttError {
  return new MqttError(`the hook ${name} failed, so that its client was refused for now; see the cause`, {
    code: ErrorCode.HOOK_FAILED,
    cause,
  });
}
