/**
 * A client without input and output, for applications that bring their own.
 *
 * @module rxmqtt/sans-io
 */
export { clientMachine, type ClientMachine, type ClientMachineOptions } from './client-machine.js';
