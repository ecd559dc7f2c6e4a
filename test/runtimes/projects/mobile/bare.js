import './platform';
import { connect, MqttError } from 'rxmqtt';

try {
  connect(globalThis.broker);
  globalThis.report('it connects');
} catch (error) {
  globalThis.report(`${error.name} ${error instanceof MqttError} ${error.code}: ${error.message}`);
}
