/**
 * Writes docs/options.md and docs/errors.md from the TSDoc of the sources, and docs/diagrams/ from the marbles of the tests.
 * `--check` writes nothing, and fails when one of them is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import ts from 'typescript';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What the pages show: an interface and its file. */
const OPTIONS = {
  'connect(url, options)': ['client/client-options', 'ClientOptions'],
  reconnect: ['connection/backoff', 'BackoffOptions'],
  limits: ['session/publish-limits', 'PublishLimits', 'client/client-options', 'ClientLimits'],
  offline: ['client/client-options', 'OfflineOptions'],
  defaults: ['client/client-options', 'PublishDefaults'],
  will: ['client/client-options', 'Will'],
  timeouts: ['client/client-options', 'ConnectTimeouts', 'transport/stage-deadline', 'StageTimeouts'],
  followRedirect: ['connection/redirect', 'RedirectOptions'],
  'what beforeConnect may return': ['client/client-options', 'ConnectOverrides'],
  tls: ['transport/transport', 'TlsOptions'],
  ws: ['transport/transport', 'WebSocketOptions'],
  socket: ['transport/transport', 'SocketOptions'],
  'client.publish(topic, payload, options)': ['client/client-options', 'PublishOptions'],
  'client.subscribe(filter, options)': ['client/client-options', 'SubscribeOptions'],
  'client.unsubscribe(filter, options)': ['client/client-options', 'UnsubscribeOptions'],
  'client.end(options)': ['client/client-options', 'EndOptions'],
  'request(client, topic, payload, options)': ['client/request', 'RequestOptions'],
  'respond(client, filter, handler, options)': ['client/respond', 'RespondOptions'],
  'publishTo(client, project, options)': ['operators/publish-to', 'PublishToOptions'],
  'ackAfter(project, options)': ['operators/ack-after', 'AckAfterOptions'],
  'json(options)': ['operators/json', 'JsonOptions'],
  'parse(schema, options)': ['operators/parse', 'ParseOptions'],
  'latest(client, filter, options) and latestByTopic(options)': ['operators/latest-by-topic', 'LatestByTopicOptions'],
  'conflate(ms, options)': ['operators/conflate', 'ConflateOptions'],
  'presence(topic, options)': ['operators/presence', 'PresenceOptions'],
  'watchPresence(client, template, options)': ['operators/watch-presence', 'WatchPresenceOptions'],
  'toAsyncIterable(options)': ['operators/to-async-iterable', 'ToAsyncIterableOptions'],
  'scramSha256(options)': ['connection/scram-exchange', 'ScramOptions'],
  'memory(options)': ['transport/memory', 'MemoryOptions'],
  'rxmqtt/packet: decode(bytes, options)': ['packet/codec', 'DecodeOptions'],
  'rxmqtt/broker: createBroker(options)': ['broker/broker-options', 'BrokerOptions'],
  'rxmqtt/broker: limits': ['broker/broker-limits', 'BrokerLimits', 'broker/session/queue-limits', 'QueuePolicy'],
  'rxmqtt/broker: listeners': [
    ...['broker/connection/listeners', 'ListenerOptions'],
    ...['broker/connection/listener-policy', 'ListenerPolicy'],
    ...['transport/server-tls-options', 'ServerTlsOptions'],
  ],
  'rxmqtt/broker: broker.attach(server, options)': ['broker/connection/attach', 'AttachOptions'],
  'rxmqtt/angular: provideMqtt(...brokers)': ['angular/provide-mqtt', 'BrokerOptions'],
  'rxmqtt/angular: mqttSignal(filters, options)': ['angular/mqtt-signal', 'MqttSignalOptions'],
  'rxmqtt/angular: mqttResource(filters, options)': ['angular/mqtt-resource', 'MqttResourceOptions'],
  'rxmqtt/angular/testing: provideMqttTesting(options)': ['angular/testing/provide-mqtt-testing', 'MqttTestingOptions'],
  'rxmqtt/aws: awsIot(options)': ['aws/aws-iot', 'AwsIotOptions'],
  'rxmqtt/aws: awsIotMtls(options)': ['aws/aws-iot-mtls', 'AwsIotMtlsOptions'],
  'rxmqtt/aws: awsIotAuthorizer(options)': ['aws/aws-iot-authorizer', 'AwsIotAuthorizerOptions'],
  'rxmqtt/testing: mqttTest(body, options)': ['testing/test-run', 'MqttTestOptions'],
  'rxmqtt/testing: fakeClient(options)': ['testing/fake-client', 'FakeClientOptions'],
  'rxmqtt/testing: message(topic, payload, options)': ['testing/message', 'MessageOptions'],
};

const sourceOf = (file) =>
  ts.createSourceFile(file, readFileSync(at(`src/${file}.ts`), 'utf8'), ts.ScriptTarget.Latest, true);

/** The TSDoc of a node in one line. */
function docOf(node) {
  const doc = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  const text = doc === undefined ? '' : (ts.getTextOfJSDocComment(doc.comment) ?? '');
  return text
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/^- /gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const row = (...cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const code = (text) => `\`${text.replaceAll(/\s+/g, ' ')}\``;

function membersOf(file, name) {
  const source = sourceOf(file);
  const found = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name);
  if (found === undefined) throw new Error(`src/${file}.ts has no interface ${name}`);
  return found.members.map((member) => {
    const doc = docOf(member);
    if (doc === '') throw new Error(`${name}.${member.name.getText()} has no TSDoc`);
    return row(code(member.name.getText()), code(member.type.getText()), doc);
  });
}

function optionsPage() {
  const sections = Object.entries(OPTIONS).map(([heading, places]) => {
    const rows = [];
    for (let i = 0; i < places.length; i += 2) rows.push(...membersOf(places[i], places[i + 1]));
    return [`## ${heading}`, '', row('option', 'type', 'meaning'), '|---|---|---|', ...rows].join('\n');
  });
  return ['# Options', '', 'An unknown option is a `TypeError` that names it.', '', sections.join('\n\n'), ''].join(
    '\n',
  );
}

function errorsPage() {
  const { statements } = sourceOf('errors');
  const codes = statements
    .flatMap((node) => (ts.isVariableStatement(node) ? [...node.declarationList.declarations] : []))
    .find(({ name }) => name.getText() === 'ErrorCode').initializer.expression.properties;
  const classes = statements.filter((node) => ts.isClassDeclaration(node));
  return [
    '# Errors',
    '',
    '| class | when |',
    '|---|---|',
    ...classes.map((node) => row(code(node.name.text), docOf(node))),
    '',
    '| `error.code` | when |',
    '|---|---|',
    ...codes.map((node) => row(code(node.name.getText()), docOf(node))),
    '',
  ].join('\n');
}

const { drawings } = await tsImport('../marble-tests/diagrams/index.ts', import.meta.url);

for (const [path, page] of [
  ['docs/options.md', optionsPage()],
  ['docs/errors.md', errorsPage()],
  ...Object.entries(drawings).map(([name, drawing]) => [`docs/diagrams/${name}.svg`, drawing]),
]) {
  if (!process.argv.includes('--check')) writeFileSync(at(path), page);
  else if (!existsSync(at(path)) || readFileSync(at(path), 'utf8') !== page) {
    console.error(`${path} is out of date; run npm run docs`);
    process.exitCode = 1;
  }
}
