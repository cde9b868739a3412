// Writes the files that are made from the code; test/repo proves them current.
import { writeFileSync } from 'node:fs';
import { GENERATED } from '../test/repo/generated.ts';

for (const [path, make] of Object.entries(GENERATED)) writeFileSync(path, await make());
