import { lastValueFrom } from 'rxjs';
import { openRooms } from '../../../src/broker/rooms.js';
import { restoreSessions } from '../../../src/broker/storage/restore-sessions.js';
import type { Store } from '../../../src/session/store.js';
import { emptyStores, STORE_NAMES } from '../store/stores.js';
import { sessionContract, type SessionsUnderTest } from './session.contract.js';

const empty = emptyStores();
const limits = { queuedMessages: 4 };

const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

function inMemory(): Promise<SessionsUnderTest> {
  const rooms = openRooms({ limits }, () => undefined);
  closings.push(() => rooms.sessions.close());
  const under: SessionsUnderTest = { rooms, forget: () => Promise.resolve(under) };
  return Promise.resolve(under);
}

async function inStore(store: Store): Promise<SessionsUnderTest> {
  const rooms = openRooms({ limits, store }, () => undefined);
  const { sessions, storage } = rooms;
  if (storage === undefined) throw new Error('there is no storage');
  await lastValueFrom(restoreSessions(storage, rooms), { defaultValue: undefined });
  const close = async (): Promise<void> => {
    sessions.close();
    await storage.journal.flush();
  };
  closings.push(() => sessions.close());
  return {
    rooms,
    async forget() {
      await close();
      return inStore(store);
    },
  };
}

sessionContract('in memory', inMemory);
for (const name of STORE_NAMES) sessionContract(`in a store (${name})`, async () => inStore(await empty(name)));
