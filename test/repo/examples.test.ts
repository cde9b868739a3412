import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseProxyConfig, type ProxyConfig } from '../../src/api/proxy-config.ts';
import { loadDocument } from '../../src/runtime/load-config.ts';
import { ROOT } from './repository.ts';

function configOf(file: string): ProxyConfig {
  const document = loadDocument(`${ROOT}examples/${file}`);
  const parsed = document.ok ? parseProxyConfig(document.value) : document;
  if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.problems)}`);
  return parsed.value;
}

function filesOf(folder: string): string[] {
  return readdirSync(`${ROOT}examples/${folder}`).map((file) => `${folder}/${file}`);
}

describe.each(readdirSync(`${ROOT}examples`))('examples/%s', (folder) => {
  const configs = filesOf(folder).map(configOf);

  test('has a file for each member of its roster', () => {
    expect(configs.map(({ pod }) => pod).sort()).toEqual(
      configs[0]?.roster.members.map(({ pod }) => pod).sort(),
    );
  });

  test('says the same about the cluster in all files', () => {
    for (const { cluster, roster, shards, mesh } of configs)
      expect({ cluster, roster, shards, keys: mesh.keys }).toEqual({
        cluster: configs[0]?.cluster,
        roster: configs[0]?.roster,
        shards: configs[0]?.shards,
        keys: configs[0]?.mesh.keys,
      });
  });

  test('gives each pod sockets and a folder of its own', () => {
    const sockets = configs.flatMap(({ listeners, http, mesh }) => [
      ...listeners.map(({ bind, port }) => `${bind} ${port}`),
      ...[http.bind, mesh.bind].map(({ address, port }) => `${address} ${port}`),
    ]);
    expect(new Set(sockets).size).toBe(sockets.length);
    expect(new Set(configs.map(({ dataDir }) => dataDir)).size).toBe(configs.length);
  });
});
