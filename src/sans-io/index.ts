/** `rxmqtt/sans-io`: a client for applications that bring their own input and output. */
export { clientMachine, type ClientMachine, type ClientMachineOptions } from './client-machine.js';
