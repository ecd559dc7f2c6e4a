/** Request and response, on both sides. */
export { Requests } from './request.js';
export { respond } from './respond.js';
