const { connect } = require('rxmqtt');
const { createBroker } = require('rxmqtt/broker');
const rxjs = require('rxjs');
const roundTrip = require('./round-trip-body.cjs');

// A failure is an unhandled rejection, which ends the process with an exit code.
void roundTrip({ connect, createBroker, rxjs });
