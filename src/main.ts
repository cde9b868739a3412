import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseProxyConfig } from './api/proxy-config.ts';
import { runProxy } from './proxy/main.ts';
const parsed = parseProxyConfig(parse(readFileSync(process.argv[4] ?? '', 'utf8')));
if (!parsed.ok) { process.stderr.write(JSON.stringify(parsed.problems, null, 2)); process.exit(2); }
await runProxy(parsed.value);
