/** A page that uses every entry that browsers have: bundled, never run. */
import * as rxmqtt from 'rxmqtt';
import * as angular from 'rxmqtt/angular';
import * as packet from 'rxmqtt/packet';
import * as storeLevel from 'rxmqtt/store-level';

console.log(rxmqtt, angular, packet, storeLevel);
