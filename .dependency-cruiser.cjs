const { builtinModules } = require('node:module');

/**
 * The layers, from the ground up. Imports go downwards only, type imports included: what a layer needs to know of a
 * higher one is an interface that the lower one declares.
 */
const layers = [
  { name: 'ground', path: '^src/(errors|utf8|bytes|base64|fifo|heap|quoted|async-dispose)\\.ts$' },
  { name: 'rx', path: '^src/rx/' },
  { name: 'topic', path: '^src/topic/' },
  { name: 'options', path: '^src/options/' },
  { name: 'packet', path: '^src/packet/' },
  { name: 'transport', path: '^src/transport/' },
  { name: 'connection', path: '^src/connection/' },
  { name: 'session', path: '^src/session/' },
  { name: 'subscription', path: '^src/subscription/' },
  { name: 'client', path: '^src/client/' },
  { name: 'operators', path: '^src/operators/' },
  { name: 'entries', path: '^src/((index|browser|common)\\.ts$|(broker|testing|angular|aws|sans-io|cli|store[^/]*)/)' },
];

const paths = (...names) => layers.filter(({ name }) => names.includes(name)).map(({ path }) => path);

const upward = layers.slice(0, -1).map(({ name, path }, index) => ({
  name: `${name}-imports-downwards`,
  comment: `${name} may import itself and what lies below it.`,
  severity: 'error',
  from: { path },
  to: { path: layers.slice(index + 1).map((layer) => layer.path) },
}));

/** What all rooms of the broker know: its limits, its counters, its events. */
const commonRoom = '^src/broker/(broker-limits|counters|events)\\.ts$';

/** The rooms of the broker, and those that each may import: broker -> connection -> session -> routing -> access. */
const rooms = {
  access: [],
  routing: ['access'],
  session: ['access', 'routing'],
  storage: ['routing', 'session'],
  connection: ['access', 'routing', 'session'],
};

const betweenRooms = Object.entries(rooms).map(([name, lower]) => ({
  name: `broker-${name}-imports-downwards`,
  comment: `The room ${name} of the broker may import ${[...lower, 'what all rooms know'].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/broker/${name}/` },
  to: { path: '^src/broker/', pathNot: [commonRoom, ...[name, ...lower].map((room) => `^src/broker/${room}/`)] },
}));

module.exports = {
  forbidden: [
    ...upward,
    ...betweenRooms,
    {
      name: 'the-common-room-of-the-broker-knows-no-other',
      comment: 'But for the request types of its hooks, which events name.',
      severity: 'error',
      from: { path: commonRoom },
      to: { path: '^src/broker/', pathNot: [commonRoom, '^src/broker/access/'] },
    },
    {
      name: 'a-file-belongs-to-a-layer',
      comment: 'A new folder needs a place among the layers of .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: '^src/', pathNot: layers.map(({ path }) => path) },
      to: {},
    },
    {
      name: 'no-circular-imports',
      comment: 'Imports of types count: what a file must know of one above it is an interface of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A source for browsers is chosen by a condition of package.json, which this tool does not set.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.browser\\.ts$', orphan: true },
      to: {},
    },
    {
      name: 'no-unresolvable-imports',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'What the sources import is a dependency or a peer dependency of the package.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    },
    {
      name: 'the-broker-is-no-client',
      comment: 'The broker shares packets, topics, transports and the QoS exchanges, and nothing that dials.',
      severity: 'error',
      from: { path: '^src/broker/' },
      to: {
        path: [...paths('connection', 'subscription', 'client', 'operators'), '^src/(index|browser|common)\\.ts$'],
      },
    },
    {
      name: 'operators-know-the-client-by-type',
      comment: 'An operator works with any client of the right shape, and its import costs no client.',
      severity: 'error',
      from: { path: '^src/operators/' },
      to: { path: paths('client', 'subscription', 'session', 'connection'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'operators-know-no-transport',
      severity: 'error',
      from: { path: '^src/operators/' },
      to: { path: paths('transport') },
    },
    {
      name: 'pure-structures-know-no-rxjs',
      severity: 'error',
      from: {
        path: [
          '^src/(errors|utf8|bytes|quoted)\\.ts$',
          ...paths('topic', 'options', 'packet'),
          '^src/session/(packet-ids|fifo|limits)\\.ts$',
        ],
      },
      to: { path: ['(^|/)node_modules/rxjs/', ...paths('rx')] },
    },
    {
      name: 'node-modules-of-node-have-their-places',
      comment: 'Sockets, the broker, the command and the stores stand on Node; everything else runs anywhere.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(transport|broker|testing|cli|store[^/]*)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'a-client-reaches-no-mqtt-packet',
      comment: 'Servers alone need it, and it takes some megabytes to be loaded.',
      severity: 'error',
      from: { path: '^src/(index|browser)\\.ts$' },
      to: { path: '(^|/)node_modules/mqtt-packet/', reachable: true },
    },
    {
      name: 'the-browser-face-reaches-no-node-module',
      severity: 'error',
      from: { path: '^src/browser\\.ts$' },
      to: { path: ['^node:', `^(${builtinModules.join('|')})$`, '(^|/)node_modules/ws/'], reachable: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.json` },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
