import { clusterSuite } from './cluster-suite.js';
import { startNats } from './nats-cluster.js';

clusterSuite('NATS 2.9', startNats, 60_000, { lost: 0.005, keepsOrder: false });
