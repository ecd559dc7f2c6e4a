import { rootCertificates } from 'node:tls';
import { connect, type Log, type MqttClient } from 'rxmqtt';

/** Connects to brokers whose certificates come from an authority of your own, or from one that Node trusts anyway. */
export function connectToPlant(url: string, caFile: string, log: Log = console): MqttClient {
  return connect(url, {
    // Without `ca`, the authorities of the file alone are trusted.
    tls: { caFile, ca: rootCertificates },
    // An untrusted certificate does not end the client, because it may be renewed. So log it.
    log,
  });
}
