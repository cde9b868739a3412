import type { ListenerConfig } from '../api/proxy-config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Listeners } from './listeners.ts';

/** What listeners advertise, by name. */
export type ToldAddresses = Readonly<Record<string, ListenerConfig['advertise']>>;

/** Listeners that are told what to advertise: all of them are closed until that is known of every one. */
export class Advertised {
  /** Resolves when every listener knows what it advertises. */
  readonly known: Promise<void>;
  readonly #log: Logger;
  readonly #listeners: Pick<Listeners, 'replace'>;
  #configs: readonly ListenerConfig[];
  #untold: readonly string[];
  #resolve: () => void = () => undefined;
  #changed = '';

  /** `configs` with the addresses that were told before; `told` are these. */
  constructor(
    configs: readonly ListenerConfig[],
    told: ToldAddresses,
    parts: { listeners: Pick<Listeners, 'replace'>; log: Logger },
  ) {
    this.#configs = configs;
    this.#log = parts.log;
    this.#listeners = parts.listeners;
    this.#untold = untoldOf(configs, told);
    this.known = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (this.#untold.length === 0) this.#resolve();
  }

  /** Names of listeners whose address is missing. */
  get untold(): readonly string[] {
    return this.#untold;
  }

  /** An operator tells addresses; those of open listeners stay until the next start. */
  take(told: ToldAddresses): void {
    if (this.#untold.length === 0) this.#compare(told);
    else this.#open(told);
  }

  #open(told: ToldAddresses): void {
    this.#untold = untoldOf(this.#configs, told);
    if (this.#untold.length > 0) return;
    this.#configs = withTold(this.#configs, told);
    this.#listeners.replace(this.#configs);
    this.#log.info('is told what its listeners advertise', { addresses: told });
    this.#resolve();
  }

  #compare(told: ToldAddresses): void {
    const others = withTold(this.#configs, told).filter(({ advertise }, index) => {
      const present = this.#configs[index]?.advertise;
      return advertise.address !== present?.address || advertise.port !== present.port;
    });
    const changed = JSON.stringify(others.map(({ name, advertise }) => [name, advertise]));
    if (others.length > 0 && changed !== this.#changed)
      this.#log.warn('is told another address than its endpoints know: restart it', {
        code: 'ADDRESS_CHANGED',
        listeners: others.map(({ name }) => name),
      });
    this.#changed = changed;
  }
}

function untoldOf(configs: readonly ListenerConfig[], told: ToldAddresses): string[] {
  return configs.filter((each) => each.told && told[each.name] === undefined).map(({ name }) => name);
}

/** The listeners as they are told to be. */
export function withTold(configs: readonly ListenerConfig[], told: ToldAddresses): readonly ListenerConfig[] {
  return configs.map((each) => ({
    ...each,
    advertise: (each.told && told[each.name]) ?? each.advertise,
  }));
}
