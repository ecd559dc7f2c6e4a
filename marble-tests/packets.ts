/** Packets as a broker sends them, with the fields that a test is about: those of the testing kit. */
export * from '../src/testing/packets.js';
