/** What few applications ask for: most of it by an option. */
export { AliasedLink } from '../connection/aliased-link.js';
export { redirectTargets } from '../connection/redirect-targets.js';
export { refuseFalseText } from '../session/payload-format.js';
export { paced } from '../session/paced.js';
export { lateObservers } from '../subscription/late-observers.js';
export { tellOverdue } from './overdue.js';
export { ping } from './ping.js';
