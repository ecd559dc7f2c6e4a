/// <reference types="vite/client" />
import { connect } from 'rxmqtt';

/** A client that its module makes, and that ends when the module is replaced. */
export const client = connect(import.meta.env['VITE_MQTT_URL'] as string);

// webpack: `import.meta.webpackHot?.dispose(...)`, or `module.hot?.dispose(...)` in CommonJS.
import.meta.hot?.dispose(() => void client.end());
