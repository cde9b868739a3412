import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestCluster, until } from './mesh-cluster.ts';

const PODS = ['edge-0', 'edge-1', 'edge-2'];
const TAG = 'edge-00';
const MEMBER = fileURLToPath(new URL('member.ts', import.meta.url));
const LIMIT_MS = 60_000;

/** A line of a member's output, with the time at which it came. */
interface Line {
  kind: string;
  pod?: string;
  alive?: boolean;
  why?: string;
  keys?: string[];
  atMs: number;
}

class Member {
  readonly name: string;
  readonly lines: Line[] = [];
  readonly child: ChildProcess;

  constructor(name: string, config: object) {
    this.name = name;
    this.child = spawn(process.execPath, ['--no-warnings', MEMBER, JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const { stdout } = this.child;
    if (stdout === null) throw new Error('no output');
    createInterface(stdout).on('line', (line) => {
      this.lines.push({ ...(JSON.parse(line) as Line), atMs: performance.now() });
    });
  }

  get acts(): boolean {
    return this.lines.findLast(({ kind }) => kind === 'acts' || kind === 'rests')?.kind === 'acts';
  }

  since(atMs: number, kind: string): Line[] {
    return this.lines.filter((line) => line.kind === kind && line.atMs >= atMs);
  }

  signal(signal: NodeJS.Signals): number {
    this.child.kill(signal);
    return performance.now();
  }
}

describe('members as processes', () => {
  let cluster: TestCluster;
  let members: Member[];

  beforeEach(async () => {
    cluster = await TestCluster.create(PODS, [TAG]);
    members = PODS.map((pod) => new Member(pod, cluster.config(pod)));
  });

  afterEach(async () => {
    for (const member of members) member.signal('SIGKILL');
    await cluster.end();
  });

  const settled = async (): Promise<[Member, Member, Member]> => {
    const owner = await until('one acts', () => members.find((member) => member.acts), LIMIT_MS);
    await until('its record is acknowledged', () => owner.since(0, 'acknowledged').length > 0, LIMIT_MS);
    const [b, c] = members.filter((member) => member !== owner);
    if (b === undefined || c === undefined) throw new Error('three members');
    return [owner, b, c];
  };

  it(
    'replaces a killed owner at once, by its closed streams and refused connections',
    async () => {
      const [owner, ...others] = await settled();
      const killedMs = owner.signal('SIGKILL');
      const next = await until('another acts', () => others.find(({ acts }) => acts), LIMIT_MS);
      const [takeover] = next.since(killedMs, 'takenOver');
      expect(takeover?.why).toContain('refuses connections');
      expect(takeover?.keys).toEqual([`by ${owner.name}`]);
    },
    LIMIT_MS * 2,
  );

  it(
    'replaces a stopped owner by its silence; awake again, it never acts beside the new one',
    async () => {
      const [owner, ...others] = await settled();
      const stoppedMs = owner.signal('SIGSTOP');
      const next = await until('another acts', () => others.find(({ acts }) => acts), LIMIT_MS);
      expect(next.since(stoppedMs, 'takenOver')[0]?.why).toContain('silent');
      const awakeMs = owner.signal('SIGCONT');
      await until('the old one learns it', () => owner.since(awakeMs, 'lost').length > 0, LIMIT_MS);
      expect(owner.since(awakeMs, 'acts')).toEqual([]);
      expect(owner.acts).toBe(false);
      await until(
        'it is heard again',
        () => next.since(awakeMs, 'member').some(({ alive }) => alive),
        LIMIT_MS,
      );
    },
    LIMIT_MS * 2,
  );

  it(
    'calls nobody dead because of a sleep of its own',
    async () => {
      const [owner, sleeper] = await settled();
      sleeper.signal('SIGSTOP');
      await until(
        'it is missed',
        () => owner.lines.some(({ pod, alive }) => pod === sleeper.name && alive === false),
        LIMIT_MS,
      );
      const awakeMs = sleeper.signal('SIGCONT');
      await until(
        'it is back',
        () => owner.since(awakeMs, 'member').some(({ pod, alive }) => pod === sleeper.name && alive),
        LIMIT_MS,
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(sleeper.since(awakeMs, 'member').filter(({ alive }) => alive === false)).toEqual([]);
      expect(owner.acts).toBe(true);
    },
    LIMIT_MS * 2,
  );
});
