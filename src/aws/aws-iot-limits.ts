import type { ClientOptions } from '../client/client-options.js';

/**
 * The limits of AWS IoT Core for one connection. It disconnects a client that exceeds them, and announces only some of
 * them. The options of `awsIot`, `awsIotMtls` and `awsIotAuthorizer` hold them.
 *
 * QoS 2 is refused, because AWS IoT Core would end the connection; `downgradeQos: true` sends such messages at QoS 1.
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
