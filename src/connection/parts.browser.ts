import { LoadedLater } from '../rx/loadable.js';

/** Takes the place of `parts.ts` in browsers, where every byte has its way to go. */
export const authentication = /* @__PURE__ */ new LoadedLater(
  'enhanced authentication',
  () => import('./authentication.js'),
);
