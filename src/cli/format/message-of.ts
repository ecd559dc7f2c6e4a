import { ClosedError, MqttError } from 'rxmqtt';

/** The options of `connect()` that a hint may name, and those of the command for them. A host never follows a space. */
const OPTIONS = [
  [/(?<= )tls\.cert and tls\.key, or tls\.certFile and tls\.keyFile/, '--cert and --key'],
  [/(?<= )(tls\.ca or )?tls\.ca(File)?\b/, '--ca'],
  [/(?<= )tls\.cert(File)?\b/, '--cert'],
  [/(?<= )tls\.key(File)?\b/, '--key'],
  [/(?<= )connectTimeout\b/, '--connect-timeout'],
  [/(?<= )tls\.servername\b/, '--servername'],
  [/(?<= )tls\.ALPNProtocols\b/, '--alpn'],
  [/, such as readFileSync\(path\)/, ''],
] as const;

/**
 * The message of an error in one line, with the command's options. For an ended client, that of the failure which ended
 * it.
 */
export function messageOf(error: unknown): string {
  if (error instanceof ClosedError && error.cause instanceof Error) return messageOf(error.cause);
  const line = (error as Error).message.replace(/\s*\n\s*/g, ' ');
  if (!(error instanceof MqttError)) return line;
  return OPTIONS.reduce((said, [option, here]) => said.replace(option, here), line);
}
