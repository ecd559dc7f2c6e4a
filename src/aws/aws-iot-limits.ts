import type { ClientOptions } from '../client/client-options.js';

/**
 * What AWS IoT Core takes of one connection. It ends the connection of a client that exceeds its limits, and says so
 * beforehand only in part. The options of `awsIot`, `awsIotMtls` and `awsIotAuthorizer` hold them.
 *
 * QoS 2 is refused here, because AWS IoT Core ends the connection over it; `downgradeQos: true` sends such messages at
 * QoS 1.
 */
export const AWS_IOT_LIMITS = {
  subscribeBatchSize: 8,
  limits: {
    publishRate: 100,
    inFlight: 100,
    packetSize: 131_072,
    topicLevels: 8,
    qos: 1,
    keepalive: { min: 30, max: 1200 },
  },
} as const satisfies ClientOptions;
