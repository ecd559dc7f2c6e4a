import { messageOf } from './failures.js';
import { NODE_SCHEMES } from './node-transport.js';
import type { Platform } from './platform.js';
import { parseProxy } from './proxy-url.js';
import { urlProblem } from './url-problem.js';

export const nodePlatform: Platform = {
  defaultUrl: 'mqtt://localhost',
  urlProblem: (url) => urlProblem(url, NODE_SCHEMES, false),
  proxyProblem: (proxy) => {
    if (proxy === 'env') return undefined;
    try {
      parseProxy(proxy);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  },
};
