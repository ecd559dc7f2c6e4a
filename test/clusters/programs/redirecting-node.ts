/**
 * A node that sends each client on after so many of its messages: to the places that it is given, by DISCONNECT 0x9C with a
 * Server Reference. It prints what it has accepted, and whom it sends on.
 */
import { testBroker } from '../../../src/testing/index.js';

const [references = '', after = ''] = process.argv.slice(2);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const broker = await testBroker();
const counts = new Map<string, number>();

broker.published$.subscribe(({ clientId, message }) => {
  if (clientId === undefined) return;
  print(`accepted ${message.topic} ${message.text()}`);
  const count = (counts.get(clientId) ?? 0) + 1;
  counts.set(clientId, count);
  if (count % Number(after) !== 0) return;
  print(`redirected ${clientId}`);
  broker.line(clientId).redirect(references);
});
print(`listens at ${broker.url}`);
