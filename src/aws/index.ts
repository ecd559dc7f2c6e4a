/**
 * Options of `connect()` for AWS IoT Core. Runs in browsers, Node and workers.
 *
 * @module rxmqtt/aws
 */
export { awsIot, type AwsIotOptions } from './aws-iot.js';
export { awsIotAuthorizer, type AwsIotAuthorizerOptions } from './aws-iot-authorizer.js';
export { awsIotMtls, type AwsIotMtlsOptions } from './aws-iot-mtls.js';
export { AWS_IOT_LIMITS } from './aws-iot-limits.js';
export type { AwsCredentials } from './credentials.js';
export type { AwsSdkName } from './user-name.js';
