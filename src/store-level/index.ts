/** `rxmqtt/store-level`: a durable store on any `abstract-level` database. */
export { levelStore } from './level-store.js';
