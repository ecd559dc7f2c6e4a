import { ErrorCode, MqttError } from '../../errors.js';
import { decodeJson } from '../../session/sealed-record.js';
import type { Store } from '../../session/store.js';
import { convertLayout, deleteAll, OLD_PREFIXES } from './convert-layout.js';
import { ALL_RECORDS, BODIES, LAYOUT, QUEUES } from './keys.js';
import { VERSION, type RecordJournal } from './record-journal.js';
import type { LayoutRecord } from './records.js';

/**
 * Determines the layout of a store, and converts the layout of rxmqtt 0.1.0.
 * @throws MqttError when a later version of rxmqtt wrote the store.
 */
export async function openLayout(journal: RecordJournal): Promise<void> {
  const { store, reader } = journal;
  const [record] = await store.load(LAYOUT);
  if (record === undefined) {
    // A conversion that was cut short left some new records and all old ones.
    await deleteAll(store, [ALL_RECORDS]);
    const numbers = await convertLayout(journal);
    if (numbers === undefined) return;
    journal.resume(numbers);
  } else {
    const layout = reader.read(record, decodeJson<LayoutRecord>);
    if (layout !== undefined && layout.version !== VERSION) throw unknownVersion(layout.version);
    journal.resume(layout?.numbers ?? (await highestNumber(store)));
    if (layout === undefined) journal.describe();
  }
  await deleteAll(store, OLD_PREFIXES);
}

/** The layout of a store without a layout record. */
async function highestNumber(store: Store): Promise<number> {
  const bodies = (await store.load(BODIES)).map(({ key }) => key.slice(BODIES.length));
  // A client identifier may look like a number, too.
  const messages = (await store.load(QUEUES)).map(({ key }) => key.slice(key.lastIndexOf('/')));
  const numbers = [...bodies, ...messages].flatMap((name) => (name.match(/\d{15}/g) ?? []).map(Number));
  return numbers.reduce((highest, number) => Math.max(highest, number), 0);
}

function unknownVersion(version: number): MqttError {
  return new MqttError(
    `the store has layout ${version}, and this version of rxmqtt writes ${VERSION}; use the version that wrote it`,
    { code: ErrorCode.STORE },
  );
}
