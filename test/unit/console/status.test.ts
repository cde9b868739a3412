import { afterEach, describe, expect, test } from '@jest/globals';
import type { PodStatus, TagStatus } from '../../../src/api/pod-report.ts';
import { runStatus } from '../../../src/console/status.ts';
import { FakePod, run } from './fake-pod.ts';

const pods: FakePod[] = [];
afterEach(async () => {
  await Promise.all(pods.splice(0).map((pod) => pod.stop()));
});

async function serve(status: number, body: string): Promise<string> {
  const pod = await FakePod.start(status, body);
  pods.push(pod);
  return pod.url;
}

function tag(changes: Partial<TagStatus>): TagStatus {
  return {
    tag: 'edge-00',
    owner: 'edge-0',
    epoch: 3,
    role: 'owner',
    acting: true,
    inSync: true,
    standbys: ['edge-1', 'edge-2'],
    standbysInSync: ['edge-1'],
    copies: 0,
    ...changes,
  };
}

function report(pod: string, changes: Partial<PodStatus> = {}): PodStatus {
  return {
    pod,
    cluster: 'edge',
    role: 'proxy',
    boot: 'b',
    ready: true,
    reason: '',
    draining: false,
    roster: { number: 1, majority: 2, conflict: false },
    members: [
      { pod: 'edge-1', role: 'proxy', alive: true, linked: true, voter: true },
      { pod: 'edge-2', role: 'proxy', alive: false, linked: false, voter: true },
    ],
    tags: [],
    dialogs: { early: 2, confirmed: 41 },
    legs: { home: 80, away: 6 },
    transactions: 0,
    timers: 0,
    heldMessages: 0,
    ...changes,
  };
}

describe('rehome status', () => {
  test('shows pods and tags', async () => {
    const url = await serve(200, JSON.stringify(report('edge-0', { tags: [tag({})] })));
    const ran = await run(runStatus, ['--url', url]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.split('\n')).toEqual([
      'POD     ROLE   READY  ANSWERED  RINGING  LEGS AWAY  TAGS  PEERS UP  REASON',
      'edge-0  proxy  yes    41        2        6          1     1 of 2',
      '',
      'TAG      OWNER   EPOCH  ACTING  STANDBYS IN SYNC',
      'edge-00  edge-0  3      yes     edge-1, (edge-2)',
      '',
    ]);
  });

  test('the higher epoch wins, and its owner knows best', async () => {
    const stale = await serve(200, JSON.stringify(report('edge-0', { tags: [tag({})] })));
    const bystander = await serve(
      200,
      JSON.stringify(
        report('edge-2', { tags: [tag({ owner: 'edge-1', epoch: 4, role: 'standby', acting: false })] }),
      ),
    );
    const owner = await serve(
      200,
      JSON.stringify(
        report('edge-1', { tags: [tag({ owner: 'edge-1', epoch: 4, standbys: [], standbysInSync: [] })] }),
      ),
    );
    const all = await run(runStatus, ['--url', `${stale},${bystander}`, '--url', owner]);
    expect(all.stdout).toMatch(/^edge-00 {2}edge-1 {2}4 {6}yes$/m);
    const without = await run(runStatus, ['--url', `${stale},${bystander}`]);
    expect(without.stdout).toMatch(/^edge-00 {2}edge-1 {2}4 {6}not asked {2}not asked$/m);
  });

  test('says why a pod is not ready', async () => {
    const url = await serve(200, JSON.stringify(report('edge-0', { ready: false, reason: 'isolated' })));
    expect((await run(runStatus, ['--url', url])).stdout).toMatch(/ no .* isolated$/m);
  });

  test('-o json passes the reports on', async () => {
    const body = report('edge-0');
    const url = await serve(200, JSON.stringify(body));
    const ran = await run(runStatus, ['--url', url, '-o', 'json']);
    expect(JSON.parse(ran.stdout)).toEqual([body]);
  });

  test('a pod that is gone is a failure, and the others are shown', async () => {
    const gone = await FakePod.start(200, '');
    const closed = gone.url;
    await gone.stop();
    const url = await serve(200, JSON.stringify(report('edge-0')));
    const ran = await run(runStatus, ['--url', `${closed},${url}`]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`${closed}: connect ECONNREFUSED`);
    expect(ran.stdout).toContain('edge-0');
  });

  test.each([
    [500, 'internal error', 'HTTP 500 internal error'],
    [200, '<html>', 'the answer is not JSON'],
  ])('an answer of %i %s is a failure', async (status, body, message) => {
    const ran = await run(runStatus, ['--url', await serve(status, body)]);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(message);
  });

  test.each([
    [[], '--url URL is missing'],
    [['--url', '127.0.0.1:9090'], 'not a URL'],
    [['--url', 'http://a', '-o', 'xml'], '-o is table or json'],
    [['--color'], 'Unknown option'],
  ])('%j is a wrong command line', async (argv, message) => {
    const ran = await run(runStatus, argv);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).toContain('rehome status [--url');
  });

  test('--help is no failure', async () => {
    expect(await run(runStatus, ['--help'])).toMatchObject({ code: 0, stderr: '' });
  });
});
