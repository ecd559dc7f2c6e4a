/** `rxmqtt/store-level`: a durable store on any `abstract-level` database. */
export { levelStore, type LevelDatabase, type LevelEncodings } from './level-store.js';
