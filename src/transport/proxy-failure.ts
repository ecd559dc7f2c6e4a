import { ConnectError, ErrorCode } from '../errors.js';

/** The error for a proxy that opens no tunnel. `where` names broker and proxy, without secrets. */
export function proxyFailure(where: string, why: string, hint: string, cause?: unknown): ConnectError {
  return new ConnectError(`connecting to ${where} failed: ${why}; ${hint}`, { cause });
}

/** The options `ws.agent` and `proxy` exclude each other. */
export function agentAndProxy(where: string): ConnectError {
  return new ConnectError(`connecting to ${where} failed: ws.agent and proxy exclude each other; give one of them`, {
    code: ErrorCode.INVALID_OPTION,
  });
}
