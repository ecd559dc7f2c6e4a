/**
 * A durable store on any `abstract-level` database.
 *
 * @module rxmqtt/store-level
 */
export { levelStore, type LevelDatabase, type LevelEncodings } from './level-store.js';
