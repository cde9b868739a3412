import { parseKeyFile, type KeySection } from '../api/proxy-config-keys.ts';
import type { MeshKey, ProxyConfig } from '../api/proxy-config.ts';
import { KeyRing } from '../mesh/key-ring.ts';
import type { Logger } from '../runtime/logger.ts';
import { WatchedFile } from '../runtime/watched-file.ts';
import { TokenKeys } from './calls/token-keys.ts';
import type { ProxyMetrics } from './metrics.ts';

/** The keys of a pod; with key files they follow what the files say, and no call or stream notices. */
export class PodKeys {
  readonly mesh: KeyRing;
  readonly tokens: TokenKeys;
  readonly #config: Pick<ProxyConfig, 'mesh' | 'tokens'>;
  readonly #log: Logger;
  readonly #metrics: ProxyMetrics;
  readonly #files: WatchedFile[] = [];

  constructor(config: Pick<ProxyConfig, 'mesh' | 'tokens'>, log: Logger, metrics: ProxyMetrics) {
    this.mesh = KeyRing.of(config.mesh.keys);
    this.tokens = new TokenKeys(config.tokens.keys ?? config.mesh.keys);
    this.#config = config;
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Begins to follow the key files, if there are any; `changed` is called when a ring has become another one. */
  follow(changed: () => void): void {
    const { mesh, tokens } = this.#config;
    this.#follow('mesh', mesh.keyFile, (keys) => {
      this.mesh.replaceBy(KeyRing.of(keys));
      if (tokens.keys === undefined) this.tokens.replace(keys);
      changed();
    });
    this.#follow('tokens', tokens.keyFile, (keys) => {
      this.tokens.replace(keys);
      changed();
    });
  }

  stop(): void {
    for (const file of this.#files) file.stop();
  }

  #follow(section: KeySection, path: string | undefined, take: (keys: readonly MeshKey[]) => void): void {
    if (path === undefined) return;
    let known = this.#config[section].keys ?? [];
    const file = new WatchedFile(path, {
      changed: (text) => {
        const parsed = parseKeyFile(text, section);
        if (!parsed.ok) {
          this.#refuse(section, parsed.problems.map((each) => `${each.path}: ${each.message}`).join('; '));
        } else if (!areEqual(known, parsed.value)) {
          known = parsed.value;
          take(known);
          this.#metrics.keyReloads.inc({ ring: section, outcome: 'taken' });
          this.#log.info('takes new keys', { ring: section, keys: known.map(({ id }) => id) });
        }
      },
      failed: (error) => {
        this.#refuse(section, String(error));
      },
    });
    this.#files.push(file);
    file.start();
  }

  #refuse(ring: KeySection, error: string): void {
    this.#metrics.keyReloads.inc({ ring, outcome: 'refused' });
    this.#log.error('a key file is of no use: the keys before it stay in force', {
      code: 'KEY_FILE',
      ring,
      error,
    });
  }
}

/** Order counts: the first key is the one that is used. */
function areEqual(some: readonly MeshKey[], others: readonly MeshKey[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ id, secret }, index) => others[index]?.id === id && others[index].secret === secret)
  );
}
