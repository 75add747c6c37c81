// The key of this device, in IndexedDB: the one place of a browser that keeps a key which cannot be taken out. Called by background/main.ts.

import { makeDeviceKey, type DeviceKeys } from './device-seal.ts';

const DATABASE = 'device';
const STORE = 'keys';
const NAME = 'session-keys';

export const deviceKeys: DeviceKeys = { read: readOrMake, forget };

async function readOrMake(): Promise<CryptoKey> {
  const database = await openDatabase();
  try {
    // Made beforehand: a transaction ends as soon as something else is waited for. Whoever is first wins, and the other key is dropped.
    const fresh = await makeDeviceKey();
    const store = database.transaction(STORE, 'readwrite').objectStore(STORE);
    const known: unknown = await result(store.get(NAME));
    if (known instanceof CryptoKey) return known;
    await result(store.put(fresh, NAME));
    return fresh;
  } finally {
    database.close();
  }
}

async function forget(): Promise<void> {
  const database = await openDatabase();
  try {
    await result(database.transaction(STORE, 'readwrite').objectStore(STORE).delete(NAME));
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
  return result(request);
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the key of this device cannot be read'));
  });
}
