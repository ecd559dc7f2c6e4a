import { rootCertificates } from 'node:tls';
import { connect, type Log, type MqttClient } from 'rxmqtt';

/** Connects to brokers whose certificates an authority of the house has signed, or one that everybody trusts. */
export function connectToPlant(url: string, caFile: string, log: Log = console): MqttClient {
  return connect(url, {
    // Without `ca`, the authorities of the file alone are trusted.
    tls: { caFile, ca: rootCertificates },
    // A certificate that is not trusted is no reason to give up: it may be renewed. So have it told.
    log,
  });
}
