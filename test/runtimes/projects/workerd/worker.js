import { exchange } from './exchange.js';

export default {
  /** A client lives within a request: workerd allows no timers and no sockets outside of one. */
  async fetch(request) {
    try {
      return new Response(`worker ${await exchange(new URL(request.url).searchParams.get('broker'))}`);
    } catch (error) {
      return new Response(String(error.stack), { status: 500 });
    }
  },
};
