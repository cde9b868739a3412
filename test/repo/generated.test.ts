import { expect, test } from '@jest/globals';
import { GENERATED } from './generated.ts';
import { readFile } from './repository.ts';

test.each(Object.entries(GENERATED))('%s is what `npm run generate` writes', async (path, make) => {
  expect(readFile(path)).toBe(await make());
});
