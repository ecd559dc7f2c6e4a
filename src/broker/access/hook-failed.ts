import { ErrorCode, MqttError } from '../../errors.js';
import { quoted } from '../../quoted.js';

/**
 * A hook threw, gave no valid answer, or took too long.
 *
 * @param why - undefined for what the hook threw itself: that may hold payloads and credentials, and stays in the
 * cause.
 */
export function hookFailed(name: string, request: unknown, cause: unknown, why: string | undefined): MqttError {
  const { clientId } = request as { readonly clientId?: unknown };
  const where = typeof clientId === 'string' ? ` for client ${quoted(clientId)}` : '';
  const message = `the hook ${name} failed${where}, which counts as a no: ${why ?? 'it threw; see the cause'}`;
  return new MqttError(message, { code: ErrorCode.HOOK_FAILED, cause });
}
