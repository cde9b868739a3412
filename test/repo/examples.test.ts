import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseProxyConfig, type ProxyConfig } from '../../src/api/proxy-config.ts';
import { expandEnvironment } from '../../src/api/proxy-config-environment.ts';
import { configMap } from '../../src/reconcile/config-map.ts';
import { parseDialogShardSpec } from '../../src/api/dialog-shard.ts';
import { checkSipClusterName, parseSipClusterSpec } from '../../src/api/sip-cluster.ts';
import { API_VERSION } from '../../src/api/sip-cluster-type.ts';
import type { KubeObject } from '../../src/api/object-type.ts';
import type { Problem } from '../../src/api/problem.ts';
import { loadDocument } from '../../src/runtime/load-config.ts';
import { parseAllDocuments } from 'yaml';
import { ROOT, readFile } from './repository.ts';

function configOf(file: string): ProxyConfig {
  const document = loadDocument(`${ROOT}examples/${file}`);
  const parsed = document.ok ? parseProxyConfig(document.value) : document;
  if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.problems)}`);
  return parsed.value;
}

function filesOf(folder: string): string[] {
  return readdirSync(`${ROOT}examples/${folder}`).map((file) => `${folder}/${file}`);
}

const entries = readdirSync(`${ROOT}examples`, { withFileTypes: true });
const namesIf = (folders: boolean): string[] =>
  entries.filter((entry) => entry.isDirectory() === folders).map(({ name }) => name);

describe.each(namesIf(true))('examples/%s', (folder) => {
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

const POD_ENVIRONMENT = {
  POD_NAME: 'edge-0',
  POD_UID: '0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0',
  POD_IP: '10.1.0.7',
  HOST_IP: '10.0.0.1',
  NODE_NAME: 'worker-0',
  PORT_OFFSET: '0',
};

type Resource = KubeObject & { spec: Record<string, unknown> };

function problemsOf({ kind, metadata, spec }: Resource): Problem[] {
  const parsed = kind === 'SipCluster' ? parseSipClusterSpec(spec) : parseDialogShardSpec(spec);
  return [
    ...(kind === 'SipCluster' ? checkSipClusterName(metadata.name) : []),
    ...(parsed.ok ? [] : parsed.problems),
  ];
}

/** What a pod reads of the ConfigMap that the operator makes of a SipCluster. */
function configsOf({ kind, metadata, spec }: Resource): ProxyConfig[] {
  const parsed = parseSipClusterSpec(spec);
  if (kind !== 'SipCluster' || !parsed.ok) return [];
  return Object.values(configMap(metadata, parsed.value, []).data).map((text) => {
    const { document, problems } = expandEnvironment(JSON.parse(text), POD_ENVIRONMENT);
    expect(problems).toEqual([]);
    const config = parseProxyConfig(document);
    if (!config.ok) throw new Error(JSON.stringify(config.problems));
    return config.value;
  });
}

describe.each(namesIf(false))('examples/%s', (file) => {
  const documents = parseAllDocuments(readFile(`examples/${file}`));
  const resources = documents.map((document) => document.toJS() as Resource);

  test('holds resources of this version without problems', () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(resources.map(({ apiVersion }) => apiVersion)).toEqual(resources.map(() => API_VERSION));
    expect(resources.map(({ kind }) => kind)).toContain('SipCluster');
    expect(resources.flatMap(problemsOf)).toEqual([]);
  });

  test('gives its pods a config that they can read', () => {
    const configs = resources.flatMap(configsOf);
    expect(configs.length).toBeGreaterThan(0);
    for (const config of configs)
      expect(config).toMatchObject({
        pod: 'edge-0.0b1c2d3e',
        managed: true,
        roster: { number: 0, members: [] },
      });
  });

  test('has a tag for each group of its routes, and DialogShards of its clusters only', () => {
    const clusters = resources.filter(({ kind }) => kind === 'SipCluster');
    const shards = resources.filter(({ kind }) => kind === 'DialogShard');
    const groups = clusters.flatMap(({ spec }) =>
      (spec['routes'] as { shardGroup?: string }[]).flatMap(({ shardGroup }) => shardGroup ?? []),
    );
    expect(shards.map(({ spec }) => spec['group'])).toEqual(expect.arrayContaining(groups));
    for (const { spec } of shards)
      expect(clusters.map(({ metadata }) => metadata.name)).toContain(spec['clusterRef']);
  });
});
