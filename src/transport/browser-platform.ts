import { genericPlatform, type Platform } from './platform.js';
import { urlProblem } from './url-problem.js';

/** Pages and their workers. */
export const browserPlatform: Platform = {
  ...genericPlatform,
  urlProblem: (url) => urlProblem(url, ['ws', 'wss'], true),
};
