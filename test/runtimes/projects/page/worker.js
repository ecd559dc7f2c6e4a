import { exchange } from './exchange.js';

onmessage = async ({ data }) => postMessage(await exchange(data));
