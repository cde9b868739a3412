import { describe, expect, it } from '@jest/globals';
import { ProxyMetrics } from '../../../src/proxy/metrics.ts';

describe('proxy metrics', () => {
  it('have names of one form, with a help text; counters end in _total, times in _seconds', async () => {
    const all = await new ProxyMetrics().registry.getMetricsAsJSON();
    expect(all.length).toBeGreaterThan(20);
    for (const { name, help, type } of all) {
      expect(name).toMatch(/^rehome_[a-z][a-z_]*[a-z]$/);
      expect(help.length).toBeGreaterThan(10);
      expect(name.endsWith('_total')).toBe(String(type) === 'counter');
      expect(String(type) === 'histogram' && !name.endsWith('_seconds')).toBe(false);
    }
  });

  it('are sampled at each scrape, in a registry of their own', async () => {
    const metrics = new ProxyMetrics();
    let samples = 0;
    metrics.onScrape(() => {
      metrics.timers.set(++samples);
    });
    expect(await metrics.text()).toMatch(/^rehome_timers 1$/m);
    expect(await metrics.text()).toMatch(/^rehome_timers 2$/m);
    expect(await new ProxyMetrics().text()).toMatch(/^rehome_timers 0$/m);
  });
});
