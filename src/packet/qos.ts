/** Quality of service levels. */
export const QoS = { AT_MOST_ONCE: 0, AT_LEAST_ONCE: 1, EXACTLY_ONCE: 2 } as const;
export type QoS = (typeof QoS)[keyof typeof QoS];
