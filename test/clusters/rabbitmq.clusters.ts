import { clusterSuite } from './cluster-suite.js';
import { startRabbitMq } from './rabbitmq-cluster.js';

clusterSuite('RabbitMQ 3.10', startRabbitMq, 240_000);
