import { afterEach, describe, expect, test } from '@jest/globals';
import type { DialogReport, LegReport } from '../../../src/api/pod-report.ts';
import { runCalls } from '../../../src/console/calls.ts';
import { FakePod, run } from './fake-pod.ts';

const pods: FakePod[] = [];
afterEach(async () => {
  await Promise.all(pods.splice(0).map((pod) => pod.stop()));
});

async function serve(total: number, dialogs: DialogReport[]): Promise<FakePod> {
  const pod = await FakePod.start(200, JSON.stringify({ pod: 'edge-1', total, dialogs }));
  pods.push(pod);
  return pod;
}

function leg(changes: Partial<LegReport>): LegReport {
  return {
    side: 'caller',
    callId: 'c1@phone',
    remoteTarget: 'sip:a@10.0.0.9',
    listener: 'public',
    transport: 'UDP',
    home: { pod: 'edge-1', epoch: 4 },
    standing: 'settled',
    status: 0,
    attempts: 0,
    ...changes,
  };
}

function dialog(changes: Partial<DialogReport> = {}): DialogReport {
  return {
    id: 'd',
    tag: 'edge-07',
    owner: 'edge-1',
    epoch: 4,
    version: 9,
    state: 'confirmed',
    ageSeconds: 61,
    rehoming: false,
    legs: [leg({}), leg({ side: 'callee' })],
    ...changes,
  };
}

describe('rehome calls', () => {
  test('shows a row for each leg, with owner and home', async () => {
    const legs: DialogReport['legs'] = [
      leg({}),
      leg({
        side: 'callee',
        home: { pod: 'edge-0', epoch: 3 },
        standing: 'refused',
        status: 488,
        attempts: 2,
        remoteTarget: 'sip:b@10.0.0.8',
      }),
    ];
    const { url } = await serve(1, [dialog({ legs })]);
    const ran = await run(runCalls, ['--url', url]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const [header = '', caller = '', callee = '', count] = ran.stdout.split('\n');
    expect(header).toMatch(/^POD +TAG +OWNER +STATE +AGE +LEG +CALL-ID +SENDS TO +RE-HOME +REMOTE TARGET$/);
    expect(caller).toMatch(
      /^edge-1 +edge-07 +edge-1 in 4 +confirmed +61 s +caller +c1@phone +edge-1 in 4 +sip:a@10\.0\.0\.9$/,
    );
    expect(callee).toMatch(/^ +callee +c1@phone +edge-0 in 3 +refused 488 \(2 tries\) +sip:b@10\.0\.0\.8$/);
    expect(count).toBe('edge-1: 1 calls');
  });

  test('says that there are more than it shows', async () => {
    const { url } = await serve(300, [dialog()]);
    expect((await run(runCalls, ['--url', url])).stdout).toContain('edge-1: 300 calls, the first 1 shown');
  });

  test('a pod without calls is only counted', async () => {
    const { url } = await serve(0, []);
    expect((await run(runCalls, ['--url', url])).stdout).toBe('edge-1: 0 calls\n');
  });

  test('a re-home that is under way', async () => {
    const { url } = await serve(1, [dialog({ rehoming: true })]);
    expect((await run(runCalls, ['--url', url])).stdout).toContain('under way');
  });

  test('filters are the pod’s to apply', async () => {
    const pod = await serve(0, []);
    const filters = ['--tag', 'edge-07', '--call-id', 'a b&c', '--state', 'early', '--away', '--limit', '5'];
    await run(runCalls, ['--url', pod.url, ...filters]);
    expect(pod.asked).toEqual(['/debug/dialogs?tag=edge-07&callId=a+b%26c&state=early&limit=5&away=true']);
  });

  test('without a filter none is sent', async () => {
    const pod = await serve(0, []);
    await run(runCalls, ['--url', pod.url]);
    expect(pod.asked).toEqual(['/debug/dialogs']);
  });
});
