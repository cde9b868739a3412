import { describe, expect, it } from '@jest/globals';
import { NextHops } from '../../../../src/proxy/calls/next-hop.ts';
import type { Flow } from '../../../../src/proxy/flow.ts';
import type { Leg } from '../../../../src/dialog/record.ts';

function legTo(remoteTarget: string, more: Partial<Leg> = {}): Leg {
  const peer = { address: '127.0.0.9', port: 5099 };
  return { listener: 'public', transport: 'UDP', peer, remoteTarget, routeSet: [], ...more } as Leg;
}

function newHops(live = false): NextHops {
  return new NextHops({ hasConnection: () => live }, () => 0);
}

/** The flow if it is known at once. */
function atOnce(hops: NextHops, leg: Leg): Flow | undefined {
  let found: Flow | undefined;
  hops.ofLeg(leg, (flow) => {
    found = flow;
  });
  return found;
}

describe('the next hop of a leg', () => {
  it.each([
    ['sip:a@127.0.0.1:5070', '127.0.0.1', 5070],
    ['sip:a@127.0.0.1', '127.0.0.1', 5060],
    ['sip:a@[::1]:5071;ob', '::1', 5071],
  ])('of %s is known at once', (target, address, port) => {
    expect(atOnce(newHops(), legTo(target))).toEqual({
      listener: 'public',
      transport: 'UDP',
      address,
      port,
    });
  });

  it('is the first Route, where there is one', () => {
    const leg = legTo('sip:a@127.0.0.1', { routeSet: ['<sip:127.0.0.2:5062;lr>'] });
    expect(atOnce(newHops(), leg)).toMatchObject({ address: '127.0.0.2', port: 5062 });
  });

  it('is the connection by which the endpoint came, as long as it lives', () => {
    const leg = legTo('sip:a@127.0.0.1:5070', { transport: 'TCP' });
    expect(atOnce(newHops(true), leg)).toMatchObject({ address: '127.0.0.9', port: 5099 });
    expect(atOnce(newHops(false), leg)).toMatchObject({ address: '127.0.0.1', port: 5070 });
  });

  it('is where the leg came from when the target names no host, never this machine', async () => {
    const flow = await new Promise<Flow>((resolve) => {
      newHops().ofLeg(legTo('no uri'), resolve);
    });
    expect(flow.address).toBe('127.0.0.9');
  });

  it('is found by name, and at once the next time', async () => {
    const hops = newHops();
    const leg = legTo('sip:a@localhost:5070');
    const flow = await new Promise<Flow>((resolve) => {
      hops.ofLeg(leg, resolve);
    });
    expect(['127.0.0.1', '::1']).toContain(flow.address);
    expect(atOnce(hops, leg)).toEqual(flow);
  });
});
