import { clusterSuite } from './cluster-suite.js';
import { startNats } from './nats-cluster.js';

// NATS 2.9 never sends some to one of the sessions when nodes fail, while the other sessions get them: a replica that becomes
// the leader of a consumer skips what was sent and not acknowledged, which nats-server 2.11 mended.
clusterSuite('NATS 2.9', startNats, 60_000, { mayLose: 0.005 });
