import { connect } from 'rxmqtt';
import { createBroker } from 'rxmqtt/broker';
import * as rxjs from 'rxjs';
import roundTrip from './round-trip-body.cjs';

await roundTrip({ connect, createBroker, rxjs });
