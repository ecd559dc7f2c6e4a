/** What the page of the browser tests runs: the library, within reach of the functions that tests run in the page. */
import * as rxjs from 'rxjs';
import * as rxmqtt from 'rxmqtt';

declare global {
  var rxmqtt: typeof import('../../../src/browser.js');
  var rxjs: typeof import('rxjs');
  /** Clients and notes that outlive one evaluation. */
  var client: import('../../../src/browser.js').MqttClient;
  var seen: string[];
}

Object.assign(globalThis, { rxjs, rxmqtt, seen: [] });
