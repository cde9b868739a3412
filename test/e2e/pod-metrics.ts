import { readFileSync } from 'node:fs';
import type { StaticPod } from '../../src/local/static-pod.ts';

/** The value of a metric of a pod, all its series added up. */
export async function metricOf(pod: StaticPod, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${pod.url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** What a pod dropped so far, whatever the reason. */
export async function dropsOf(pod: StaticPod): Promise<number> {
  return metricOf(pod, 'rehome_drops_total');
}

/** Resident memory of a pod's process in MB; 0 where the machine does not tell. */
export function residentMb(pod: StaticPod): number {
  const status = readFileSync(`/proc/${String(pod.pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}
