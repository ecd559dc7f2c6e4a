/** Quality of service levels. */
export const QoS = { AT_MOST_ONCE: 0, AT_LEAST_ONCE: 1, EXACTLY_ONCE: 2 } as const;
/** 0 at most once, 1 at least once, 2 exactly once. */
export type QoS = (typeof QoS)[keyof typeof QoS];
