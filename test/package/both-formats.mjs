/** The two builds side by side, as it comes to pass where one dependency imports the package and another requires it. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as esm from 'rxmqtt';
import * as esmBroker from 'rxmqtt/broker';

const require = createRequire(import.meta.url);
const cjs = require('rxmqtt');

const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== '__esModule');
assert.deepEqual(names(cjs).sort(), names(esm).sort());
assert.deepEqual(names(require('rxmqtt/broker')).sort(), names(esmBroker).sort());
assert.notEqual(cjs.ConnectError, esm.ConnectError);
assert.ok(new cjs.ConnectError('gone') instanceof esm.ConnectError);
assert.ok(new esm.ConnectError('gone') instanceof cjs.MqttError);
