import { exchange } from './exchange.js';

/** A client in the page and one in a worker, at the broker that the address names. */
const broker = new URLSearchParams(location.search).get('broker');
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const inWorker = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = reject;
});
worker.postMessage(broker);
const results = await Promise.all([exchange(broker), inWorker]);
document.title = `page ${results[0]}; worker ${results[1]}`;
