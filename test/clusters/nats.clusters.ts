import { clusterSuite } from './cluster-suite.js';
import { startNats } from './nats-cluster.js';

// When nodes fail, NATS 2.9 never sends some messages to one of the sessions, while the other sessions get them: a replica that
// becomes the leader of a consumer skips what was sent and not acknowledged, which nats-server 2.11 mended.
clusterSuite('NATS 2.9', startNats, 60_000, { losesMessages: true });
