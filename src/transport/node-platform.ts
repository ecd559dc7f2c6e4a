import { messageOf } from './failures.js';
import type { Platform } from './platform.js';
import { parseProxy } from './proxy-url.js';

export const nodePlatform: Platform = {
  defaultUrl: 'mqtt://localhost',
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
