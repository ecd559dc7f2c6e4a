import type { ConnectTarget } from './transport.js';

/** The sub-protocols that a WebSocket offers. */
export function offeredProtocols({ ws, subprotocol }: ConnectTarget): string[] {
  if (ws?.protocols === undefined) return [subprotocol];
  return typeof ws.protocols === 'string' ? [ws.protocols] : [...ws.protocols];
}
