import { IMPLEMENTATIONS } from './api-under-test.ts';
import { bookmarkContract } from './contract-bookmarks.ts';
import { deletionContract } from './contract-deletion.ts';
import { garbageContract } from './contract-garbage.ts';
import { objectContract } from './contract-objects.ts';
import { watchContract } from './contract-watches.ts';

for (const implementation of IMPLEMENTATIONS) {
  objectContract(implementation);
  watchContract(implementation);
  bookmarkContract(implementation);
  deletionContract(implementation);
  garbageContract(implementation);
}
